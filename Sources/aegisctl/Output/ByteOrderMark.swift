/// The mark that some editors put before a text in UTF-8.
enum ByteOrderMark {
  private static let mark: [UInt8] = [0xef, 0xbb, 0xbf]
  private static let separator = mark + Array("---".utf8)

  /// A stream of YAML without the marks at its beginning and before lines that begin a document, as files
  /// that are put together have them.
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
