/// A line of a text with hexadecimal bytes.
struct HexLine {
  /// From 1.
  let number: Int
  /// Without the blanks around it.
  let text: ArraySlice<UInt8>

  /// The lines that are neither blank nor comments.
  static func lines(_ text: ArraySlice<UInt8>) -> [HexLine] {
    text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
      .compactMap { index, line in
        let start = line.drop(while: isBlank)
        let end = start.lastIndex { !isBlank($0) }.map { $0 + 1 } ?? start.endIndex
        let text = start[..<end]
        if text.isEmpty || text.first == UInt8(ascii: "#") { return nil }
        return HexLine(number: index + 1, text: text)
      }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0d }

  /// The bytes of a line that contains nothing else, with or without separators.
  func bytes() throws(HexError) -> [UInt8] {
    var bytes: [UInt8] = []
    for word in text.split(whereSeparator: Self.isSeparator) {
      bytes += try Self.bytes(word, line: number)
    }
    return bytes
  }

  private static func isSeparator(_ byte: UInt8) -> Bool {
    isBlank(byte) || byte == UInt8(ascii: ":") || byte == UInt8(ascii: ",")
  }

  /// The bytes of a word, with or without a leading `0x`.
  static func bytes(_ word: ArraySlice<UInt8>, line: Int) throws(HexError) -> [UInt8] {
    let digits = withoutPrefix(word)
    let values = digits.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard values.count == digits.count, !digits.isEmpty else {
      throw HexError(line, word, "is not hexadecimal")
    }
    guard digits.count.isMultiple(of: 2) else {
      // As in the offsets of hexdump and od, which by default print words in the host's byte order.
      throw HexError(
        line, word, "has an odd number of digits",
        hint: digits.count == 7 ? "hexdump swaps bytes; use hexdump -C or xxd" : nil)
    }
    return stride(from: 0, to: values.count, by: 2).map {
      UInt8(values[$0] << 4 | values[$0 + 1])
    }
  }

  static func withoutPrefix(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    word.starts(with: "0x".utf8) || word.starts(with: "0X".utf8) ? word.dropFirst(2) : word
  }
}
