internal import Glibc
internal import Linux

/// A file that says which country addresses belong to, in memory.
public struct GeoFile: Sendable {
  /// As it is named in errors.
  public let name: String
  let bytes: [UInt8]
  /// When it was last written, in seconds since the Unix epoch.
  let modified: Int64

  /// A larger file is refused.
  static let largest = 1 << 30

  init(name: String, bytes: [UInt8], modified: Int64 = 0) {
    self.name = name
    self.bytes = bytes
    self.modified = modified
  }

  /// Reads a regular file, or from a pipe.
  public init(path: String) throws(AegisError) {
    name = path
    var status = stat()
    var content: [UInt8] = []
    do throws(SystemError) {
      let file = try FileDescriptor(opening: path, O_RDONLY | O_NOCTTY)
      defer { extendLifetime(file) }
      guard fstat(file.rawValue, &status) == 0 else {
        throw SystemError(operation: "look at", subject: path, errno: Glibc.errno)
      }
      let expected = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 1 << 20
      if expected <= Self.largest { content = try Self.read(file, path, expected: expected + 1) }
    } catch {
      throw AegisError(.badInput, "cannot read \(path): \(error.description)")
    }
    guard status.st_size <= Self.largest, content.count <= Self.largest else {
      throw AegisError(.badInput, "\(path) has more than 1 GiB")
    }
    bytes = content
    modified = Int64(status.st_mtim.tv_sec)
  }

  /// Reads to the end, or a little more than the largest file.
  private static func read(
    _ file: borrowing FileDescriptor, _ path: String, expected: Int
  ) throws(SystemError) -> [UInt8] {
    let number = file.rawValue
    var content: [UInt8] = []
    var room = expected
    while content.count <= largest {
      var code: CInt = 0
      var isEnd = false
      let more = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
        while count < buffer.count {
          let result = Glibc.read(number, buffer.baseAddress! + count, buffer.count - count)
          if result < 0, Glibc.errno == EINTR { continue }
          if result < 0 { code = Glibc.errno }
          if result <= 0 {
            isEnd = true
            return
          }
          count += result
        }
      }
      if code != 0 { throw SystemError(operation: "read", subject: path, errno: code) }
      if content.isEmpty { content = more } else { content += more }
      if isEnd { return content }
      room = 1 << 20
    }
    return content
  }
}

/// What a file said, and what is remembered of it.
struct GeoContents {
  var v4 = GeoRanges()
  var v6 = GeoRanges()
  /// The date in the file, in seconds since the Unix epoch.
  var dated: Int64?

  /// False if there is no such range.
  mutating func append(_ first: IPAddress, _ last: IPAddress, _ code: CountryCode) -> Bool {
    switch (first, last) {
    case (.v4(let first), .v4(let last)):
      guard first <= last else { return false }
      v4.append(UInt128(first) << 96, UInt128(last) << 96 | ((1 << 96) - 1), code)
    case (.v6(let first), .v6(let last)):
      guard first <= last else { return false }
      v6.append(first, last, code)
    default: return false
    }
    return true
  }
}
