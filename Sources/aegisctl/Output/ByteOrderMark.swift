/// The mark that some editors put at the beginning of UTF-8 text.
enum ByteOrderMark {
  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let separator = mark + Array("---".utf8)

  /// Removes the marks at the beginning of a YAML stream and before lines that begin a document, as in concatenated
  /// files.
  static func removed(_ bytes: [UInt8]) -> [UInt8] {
    var rest = bytes[...]
    if rest.starts(with: mark) { rest = rest.dropFirst(mark.count) }
    guard rest.contains(mark[0]) else { return Array(rest) }
    var text: [UInt8] = []
    text.reserveCapacity(rest.count)
    while !rest.isEmpty {
      if rest.starts(with: separator) { rest = rest.dropFirst(mark.count) }
      let line = rest.prefix { $0 != UInt8(ascii: "\n") }
      text += line
      rest = rest[line.endIndex...]
      if let end = rest.popFirst() { text.append(end) }
    }
    return text
  }
}
