extension Roff {
  /// Words by sentence.
  static func sentences(in text: String) -> [[Substring]] {
    text.split(whereSeparator: \.isWhitespace).reduce(into: [[]]) { result, word in
      result[result.count - 1].append(word)
      if endsSentence(word) { result.append([]) }
    }.filter { !$0.isEmpty }
  }

  /// Lines of at most 78 characters.
  static func wrapped(_ words: [String]) -> [String] {
    words.reduce(into: []) { lines, word in
      if let last = lines.last, last.utf8.count + 1 + word.utf8.count <= 78 {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(word)
      }
    }
  }

  /// Hyphens are kept for copying in names of options only: others are for reading.
  static func inProse(_ word: Substring) -> String {
    let isOption = word.drop { "(\"'`[".contains($0) }.hasPrefix("-")
    let text = isOption ? hyphens(String(word)) : String(word).replacing("\\", with: "\\e")
    return ascii(
      text.replacing("^", with: "\\(ha").replacing("~", with: "\\(ti")
        .replacing("`", with: "\\(ga"))
  }

  /// Not after one letter: "e.g." goes on.
  private static func endsSentence(_ word: Substring) -> Bool {
    let bare = word.reversed().drop { ")\"']".contains($0) }
    guard let mark = bare.first, ".!?".contains(mark) else { return false }
    return bare.dropFirst().prefix(2).count { $0.isLetter || $0.isNumber } == 2
      || bare.dropFirst().first.map { !$0.isLetter } == true
  }
}
