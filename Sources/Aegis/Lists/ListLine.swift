/// A line of a list, which is UTF-8 text.
enum ListLine {
  static let end = UInt8(ascii: "\n")
  private static let longest = 4096

  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  static func isComment(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";")
  }

  /// Returns the line that begins at `position`, and moves `position` to the beginning of the next one.
  static func next(
    _ bytes: borrowing Span<UInt8>, at position: inout Int
  ) throws(InputError) -> String {
    let start = position
    while position < bytes.count, bytes[position] != end { position += 1 }
    let count = position - start
    position += 1
    var line: [UInt8] = []
    line.reserveCapacity(min(count, longest))
    for index in start..<start + min(count, longest) { line.append(bytes[index]) }
    guard count <= longest else {
      throw InputError(shown(line), "is a line of more than \(longest) bytes")
    }
    guard !line.contains(0) else {
      throw InputError(shown(line), "has a NUL byte", hint: "a list is UTF-8 text, not UTF-16")
    }
    // Comments are checked too: a comment that is not UTF-8 shows that the file is not either.
    guard let text = String(validating: line, as: UTF8.self) else {
      throw InputError(shown(line), "is not UTF-8")
    }
    return text
  }

  /// The line without its comment and surrounding blanks; nil if nothing is left.
  static func entry(_ line: String) -> Substring? {
    let written = trimmed(line[..<line.utf8.prefix { !isComment($0) }.endIndex])
    return written.isEmpty ? nil : written
  }

  /// What follows the first `#` or `;`; nil if nothing does.
  static func comment(_ line: String) -> String? {
    guard let mark = line.utf8.firstIndex(where: isComment) else { return nil }
    let text = trimmed(line[mark...].afterFirstByte)
    return text.isEmpty ? nil : String(text)
  }

  /// The text without surrounding blanks.
  static func trimmed(_ text: some StringProtocol) -> Substring {
    let text = Substring(text)
    guard let first = text.utf8.firstIndex(where: { !isBlank($0) }),
      let last = text.utf8.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return text[first...last]
  }

  private static func shown(_ line: [UInt8]) -> String {
    String(decoding: line.prefix(100), as: UTF8.self)
  }
}
