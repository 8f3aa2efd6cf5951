/// Common mistakes in YAML that libyaml describes in words of its own.
enum YAMLMistake {
  /// - Parameters:
  ///   - problem: The words of libyaml.
  ///   - lines: Those up to the one where it stopped.
  static func hint(_ problem: String, before lines: [Substring]) -> String? {
    guard let last = lines.last else { return nil }
    if last.prefix(while: \.isWhitespace).contains("\t") {
      return "YAML indents with spaces, and a tab is not allowed there"
    }
    return emptyValue(above: lines)
      ?? (problem.hasSuffix("<document start>")
        ? "the document ends above this line; another one begins with ---" : nil)
  }

  /// For fields below one that is already complete.
  private static func emptyValue(above lines: [Substring]) -> String? {
    let begun = lines.dropLast().last { line in
      let text = line.drop(while: \.isWhitespace)
      return !text.isEmpty && !text.hasPrefix("#")
    }
    let words = begun?.split(whereSeparator: \.isWhitespace) ?? []
    guard words.count == 2, let name = words.first, name.hasSuffix(":"),
      let empty = words.last, ["{}", "[]"].contains(empty)
    else { return nil }
    return "\(name) \(empty) is a complete value: remove the \(empty) if lines below belong to it"
  }
}
