internal import Glibc

/// The lines of a text file that are neither blank nor comments.
struct GeoLines {
  /// A longer line is not of any known format.
  private static let longest = 4096
  /// A longer file is refused.
  static let most = 5_000_000

  /// The name of the file in errors.
  let name: String
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  /// The number of the last line that was read.
  private(set) var number = 0
  /// The date in a comment, in seconds since the Unix epoch.
  private(set) var dated: Int64?

  init(_ bytes: UnsafeBufferPointer<UInt8>, name: String) {
    self.name = name
    self.bytes = bytes
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    if bytes.starts(with: mark) { position = mark.count }
  }

  /// nil at the end of the file.
  mutating func next() throws(AegisError) -> GeoField? {
    guard let base = bytes.baseAddress else { return nil }
    while position < bytes.count {
      let rest = bytes.count - position
      let found = memchr(base + position, Int32(UInt8(ascii: "\n")), rest)
      let length =
        found.map { UnsafeRawPointer(base + position).distance(to: UnsafeRawPointer($0)) } ?? rest
      let line = GeoField(UnsafeBufferPointer(start: base + position, count: length))
      position += length + 1
      number += 1
      guard number <= Self.most else {
        throw AegisError(.badInput, "\(name) has more than \(Self.most) lines")
      }
      guard length <= Self.longest else {
        throw error(line[0..<64].text, "is the start of a line of more than \(Self.longest) bytes")
      }
      var start = 0
      while start < length, line[start] == UInt8(ascii: " ") || line[start] == UInt8(ascii: "\t") {
        start += 1
      }
      if start == length || line[start] == UInt8(ascii: "\r") { continue }
      if line[start] != UInt8(ascii: "#") { return line }
      if dated == nil, number < 100 { dated = GeoDate.read(comment: line.text) }
    }
    return nil
  }

  /// An error in the last line that was read.
  func error(_ text: String, _ problem: String, hint: String? = nil) -> AegisError {
    AegisError(.badInput, "\(name):\(number): \(InputError(text, problem))", hint: hint)
  }
}

/// Dates in the headers of files.
enum GeoDate {
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Reads `# Generated: Thu, 25 Jun 2026 04:33:59 GMT`, as in the export of IPFire.
  static func read(comment: String) -> Int64? {
    let words = comment.split { " ,:#\t\r".contains($0) }.map(String.init)
    guard words.count >= 8, words[0] == "Generated", let day = Int64(words[2]),
      let month = months.firstIndex(of: words[3]), let year = Int64(words[4]),
      1970...9999 ~= year,
      let date = CivilDate(year: year, month: Int64(month) + 1, day: day)
    else { return nil }
    let time = words[5...7].compactMap { Int64($0) }
    guard time.count == 3, 0..<24 ~= time[0], 0..<60 ~= time[1], 0...60 ~= time[2] else {
      return nil
    }
    return date.daysSinceEpoch * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
  }

  /// Reads `20260624`, as in the header of a registry.
  static func read(digits: GeoField) -> Int64? {
    guard digits.count == 8, let number = digits.number.map(Int64.init),
      1970...9999 ~= number / 10_000,
      let date = CivilDate(
        year: number / 10_000, month: number / 100 % 100, day: number % 100)
    else { return nil }
    return date.daysSinceEpoch * 86_400
  }
}
