extension Roff {
  /// Splits a text into sentences of words.
  static func sentences(in text: String) -> [[Substring]] {
    text.split(whereSeparator: \.isWhitespace).reduce(into: [[]]) { result, word in
      result[result.count - 1].append(word)
      if endsSentence(word) { result.append([]) }
    }.filter { !$0.isEmpty }
  }

  /// Wraps words into lines of at most 78 characters.
  static func wrapped(_ words: [String]) -> [String] {
    words.reduce(into: []) { lines, word in
      if let last = lines.last, last.utf8.count + 1 + word.utf8.count <= 78 {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(word)
      }
    }
  }

  /// Keeps hyphens copyable only in names of options; other hyphens are typographic.
  static func inProse(_ word: Substring) -> String {
    let isOption = word.drop { "(\"'`[".contains($0) }.hasPrefix("-")
    let text = isOption ? hyphens(String(word)) : String(word).replacing("\\", with: "\\e")
    return ascii(
      text.replacing("^", with: "\\(ha").replacing("~", with: "\\(ti")
        .replacing("`", with: "\\(ga"))
  }

  /// A full stop after a single letter does not end a sentence, as in "e.g.".
  private static func endsSentence(_ word: Substring) -> Bool {
    let bare = word.reversed().drop { ")\"']".contains($0) }
    guard let mark = bare.first, ".!?".contains(mark) else { return false }
    return bare.dropFirst().prefix(2).count { $0.isLetter || $0.isNumber } == 2
      || bare.dropFirst().first.map { !$0.isLetter } == true
  }
}
