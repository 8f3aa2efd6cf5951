/// The text of a command beyond its abstract: what it does, and below a line `EXAMPLES` indented
/// commands, each below a comment.
struct Discussion {
  let description: String
  private let examples: [Substring]

  init(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let parts = lines.split(separator: "EXAMPLES", maxSplits: 1, omittingEmptySubsequences: false)
    description = parts[0].joined(separator: "\n")
    examples = parts.count > 1 ? Array(parts[1]) : []
  }

  /// The lines of the section, or none.
  var exampleSection: [String] {
    Roff.separated(Self.blocks(of: examples).map(Self.example))
  }

  /// Lines that belong together because no empty one is between them.
  static func blocks(of lines: [Substring]) -> [[Substring]] {
    lines.split { $0.allSatisfy(\.isWhitespace) }.map(Array.init)
  }

  private static func example(_ lines: [Substring]) -> [String] {
    let isProse = { (line: Substring) in
      !line.hasPrefix(" ") || line.drop { $0 == " " }.hasPrefix("# ")
    }
    let prose = lines.prefix(while: isProse).map { $0.drop { " #".contains($0) } }
    let commands = Array(lines.dropFirst(prose.count))
    let text = prose.joined(separator: " ")
    let isOpen = text.last.map { !".!?:".contains($0) } == true
    return Roff.prose(isOpen && !commands.isEmpty ? text + ":" : text)
      + (commands.isEmpty ? [] : Roff.display(commands))
  }
}
