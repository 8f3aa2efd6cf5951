/// Escapes text so that roff shows it unchanged.
enum Roff {
  /// Makes hyphens copyable into a shell.
  static func hyphens(_ text: String) -> String {
    text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
  }

  /// A word on a macro line, where punctuation and names of macros have a meaning.
  static func argument(_ word: String) -> String {
    let isMacro = word.count <= 3 && word.first?.isUppercase == true
    let isPunctuation = word.count == 1 && word.first?.isLetter == false
    let text = ascii(hyphens(word).replacing("\"", with: "\\(dq"))
    let guarded = isMacro || isPunctuation ? "\\&\(text)" : text
    return word.contains(" ") ? "\"\(guarded)\"" : guarded
  }

  /// A line that must be typed or stored exactly.
  static func literal(_ line: String) -> String {
    let special: [Character: String] = [
      "\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti",
    ]
    return start(ascii(line.map { special[$0] ?? String($0) }.joined()))
  }

  /// One paragraph that the reader's program fills, with one sentence per line as roff wants it.
  static func prose(_ text: String) -> [String] {
    sentences(in: text).flatMap { sentence in
      wrapped(sentence.map { word in inProse(word) }).map(start)
    }
  }

  /// Paragraphs separated by an empty line; those with indented lines keep their layout.
  static func paragraphs(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let blocks = Discussion.blocks(of: lines)
    return separated(
      blocks.map { lines in
        lines.contains { $0.hasPrefix(" ") } ? display(lines) : prose(lines.joined(separator: " "))
      })
  }

  /// Blocks separated by an empty line, which a display already brings.
  static func separated(_ blocks: [[String]]) -> [String] {
    blocks.filter { !$0.isEmpty }.reduce(into: []) { lines, block in
      if !lines.isEmpty && !block[0].hasPrefix(".Bd") { lines.append(".Pp") }
      lines += block
    }
  }

  /// Lines set apart from the text and shown unchanged.
  static func display(_ lines: [some StringProtocol]) -> [String] {
    let margin = lines.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return [".Bd -literal -offset indent"] + lines.map { literal(String($0.dropFirst(margin))) }
      + [".Ed"]
  }

  /// The text with the full stop of a sentence.
  static func sentence(_ text: String) -> String {
    text.isEmpty || ".!?:".contains(text.last!) ? text : text + "."
  }

  /// The text in ASCII: not all man page viewers understand UTF-8.
  static func ascii(_ text: String) -> String {
    text.unicodeScalars.map { scalar in
      let hex = String(scalar.value, radix: 16, uppercase: true)
      let zeros = String(repeating: "0", count: max(0, 4 - hex.count))
      return scalar.isASCII ? String(scalar) : "\\[u\(zeros)\(hex)]"
    }.joined()
  }

  /// A leading dot or apostrophe would start a request.
  private static func start(_ line: String) -> String {
    line.hasPrefix(".") || line.hasPrefix("'") ? "\\&\(line)" : line
  }
}
