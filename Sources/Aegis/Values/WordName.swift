/// The rule for names that an operator gives to things.
enum WordName {
  /// Checks that text consists of letters, digits, `-`, `_` and `.`, and begins with a letter or digit.
  ///
  /// - Parameters:
  ///   - longest: In bytes.
  ///   - example: A name, for the hint.
  static func check(
    _ text: some StringProtocol, longest: Int, example: String
  ) throws(InputError) {
    let bytes = Array(text.utf8)
    let isWord = { (byte: UInt8) in
      let lower = byte | 0x20
      return UInt8(ascii: "a")...UInt8(ascii: "z") ~= lower && byte >= UInt8(ascii: "A")
        || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
    let others = [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")]
    guard let first = bytes.first, isWord(first),
      bytes.allSatisfy({ isWord($0) || others.contains($0) })
    else {
      throw InputError(
        text, "is not a name", hint: "use letters, digits, -, _ and ., as in \(example)")
    }
    guard bytes.count <= longest else {
      throw InputError(text, "is longer than \(longest) bytes")
    }
  }
}
