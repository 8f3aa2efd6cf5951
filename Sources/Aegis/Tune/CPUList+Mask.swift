extension CPUList {
  /// Reads a kernel CPU mask, 32-bit hexadecimal groups separated by commas: `1,00000004` is CPUs 2 and 32.
  init?(mask text: Substring) {
    let text = text.last == "\n" ? text.dropLast() : text
    let words = text.split(separator: ",", omittingEmptySubsequences: false)
    var numbers: [Int] = []
    for (index, word) in words.reversed().enumerated() {
      guard let bits = UInt32(word, radix: 16), word.first != "+" else { return nil }
      numbers += (0..<32).filter { bits >> $0 & 1 == 1 }.map { index * 32 + $0 }
    }
    self.init(numbers)
  }

  /// The mask in the kernel's format.
  var mask: String {
    let words = numbers.reduce(into: [UInt32](repeating: 0, count: (numbers.last ?? 0) / 32 + 1)) {
      $0[$1 / 32] |= 1 << UInt32($1 % 32)
    }
    return words.reversed().enumerated().map { index, word in
      let digits = String(word, radix: 16)
      return index == 0 ? digits : String(repeating: "0", count: 8 - digits.count) + digits
    }.joined(separator: ",")
  }
}
