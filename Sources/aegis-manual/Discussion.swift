/// The text of a command after its abstract: what it does and, after a line `EXAMPLES`, indented commands, each below
/// a comment.
struct Discussion {
  let description: String
  private let examples: [Substring]

  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let parts = lines.split(separator: "EXAMPLES", maxSplits: 1, omittingEmptySubsequences: false)
    description = parts[0].joined(separator: "\n")
    examples = parts.count > 1 ? Array(parts[1]) : []
  }

  /// The lines of the section; empty if there are none.
  var exampleSection: [String] {
    Roff.separated(Self.blocks(of: examples).flatMap(Self.pairs).map(Self.example))
  }

  /// Groups lines that no empty line separates.
  static func blocks(of lines: [Substring]) -> [[Substring]] {
    lines.split { $0.allSatisfy(\.isWhitespace) }.map(Array.init)
  }

  /// A comment after a command starts the next example.
  private static func pairs(in lines: [Substring]) -> [[Substring]] {
    lines.reduce(into: []) { result, line in
      if let last = result.last?.last, isComment(last) || !isComment(line) {
        result[result.count - 1].append(line)
      } else {
        result.append([line])
      }
    }
  }

  private static func example(_ lines: [Substring]) -> [String] {
    let comments = lines.prefix(while: isComment).map { $0.drop { " #".contains($0) } }
    let commands = Array(lines.dropFirst(comments.count))
    let text = comments.joined(separator: " ")
    guard !commands.isEmpty else { return Roff.prose(text) }
    let isOpen = text.last.map { !".!?:".contains($0) } == true
    return Roff.prose(text.prefix(1).uppercased() + text.dropFirst() + (isOpen ? ":" : ""))
      + Roff.display(commands)
  }

  private static func isComment(_ line: Substring) -> Bool {
    !line.hasPrefix(" ") || line.drop { $0 == " " }.hasPrefix("# ")
  }
}
