/// Lines with an offset, bytes and optional text.
enum HexDump {
  /// Relies on the offsets: they determine where the bytes of a line end and its text begins.
  static func bytes(_ lines: ArraySlice<HexLine>) throws(HexError) -> [UInt8] {
    var bytes: [UInt8] = []
    var last: [UInt8] = []
    let base = lines.first?.offset ?? 0
    for (index, line) in zip(lines.indices, lines) {
      let next = lines[(index + 1)...].first?.offset
      if line.isRepetition {
        try repeatLast(last, to: next.map { $0 - base }, in: &bytes, line)
        continue
      }
      guard let offset = line.offset else {
        throw HexError(line.number, line.text, "is not a line of a hex dump", hint: onlyOne)
      }
      guard offset - base == bytes.count else {
        throw HexError(
          line.number, line.text, "does not go on after \(bytes.count) bytes", hint: onlyOne)
      }
      let wanted = next.map { $0 - offset }.flatMap { $0 > 0 ? $0 : nil }
      let width = wanted ?? (last.isEmpty ? .max : last.count)
      let chunk = try line.column(atMost: width)
      if let wanted, chunk.count != wanted {
        throw HexError(
          line.number, line.text,
          "has \(chunk.count) bytes, and the offsets here and below are \(wanted) apart")
      }
      bytes += chunk
      last = chunk
      try HexText.check(bytes.count, line)
    }
    return bytes
  }

  private static let onlyOne = "give one packet at a time"

  /// Expands `*`: repeats the last line up to the next offset.
  private static func repeatLast(
    _ last: [UInt8], to end: Int?, in bytes: inout [UInt8], _ line: HexLine
  ) throws(HexError) {
    let missing = (end ?? 0) - bytes.count
    guard missing > 0, !last.isEmpty, missing.isMultiple(of: last.count) else {
      throw HexError(line.number, line.text, "has no lines to stand for")
    }
    try HexText.check(bytes.count + missing, line)
    for _ in 0..<missing / last.count { bytes += last }
  }
}

extension HexLine {
  fileprivate var isRepetition: Bool { text.elementsEqual("*".utf8) }

  /// Whether the line begins a dump: an offset followed by bytes. An offset without a colon must be 0, which plain
  /// bytes hardly begin with in groups of that size, and single bytes must follow.
  var beginsDump: Bool {
    guard let start, !start.rest.isEmpty else { return false }
    if start.hasColon { return Self.isHex(start.rest.prefix { !Self.isBlank($0) }) }
    let word = start.rest.prefix { !Self.isBlank($0) }
    return start.offset == 0 && word.count == 2 && Self.isHex(word)
  }

  fileprivate var offset: Int? { start?.offset }

  /// The offset and the rest of the line. An offset of `od` is octal and has 7 digits.
  private var start: (offset: Int, hasColon: Bool, rest: ArraySlice<UInt8>)? {
    let unprefixed = Self.withoutPrefix(text)
    let digits = unprefixed.prefix { Self.isHex([$0]) }
    guard 3...8 ~= digits.count else { return nil }
    let hasColon = unprefixed.dropFirst(digits.count).first == UInt8(ascii: ":")
    let behind = unprefixed.dropFirst(digits.count + (hasColon ? 1 : 0))
    guard behind.first.map(Self.isBlank) ?? true else { return nil }
    let isOctal = digits.count == 7 && !hasColon
    guard let offset = Int(String(decoding: digits, as: UTF8.self), radix: isOctal ? 8 : 16)
    else { return nil }
    return (offset, hasColon, behind.drop(while: Self.isBlank))
  }

  private static func isHex(_ word: ArraySlice<UInt8>) -> Bool {
    word.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit && $0 < 0x80 }
  }

  /// The bytes of a line of a dump, without the text that two blanks, `|` or `>` separate.
  fileprivate func column(atMost most: Int) throws(HexError) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = start?.rest ?? []
    var gap = 0
    while let first = rest.first, first != UInt8(ascii: "|"), first != UInt8(ascii: ">") {
      let word = rest.prefix { !Self.isBlank($0) }
      if gap > 1, bytes.count == most || !isMiddle(bytes.count, gap, word) { break }
      let more = try Self.bytes(word, line: number)
      guard more.count <= most - bytes.count else {
        throw HexError(number, text, "has more bytes than its offset leaves room for")
      }
      bytes += more
      rest = rest.dropFirst(word.count)
      gap = rest.prefix(while: Self.isBlank).count
      rest = rest.dropFirst(gap)
    }
    return bytes
  }

  /// Whether a gap is the one in the middle of a line of `hexdump -C`, followed by another byte.
  private func isMiddle(_ count: Int, _ gap: Int, _ word: ArraySlice<UInt8>) -> Bool {
    count == 8 && gap == 2 && word.count == 2 && Self.isHex(word)
  }
}
