import Foundation

/// The commands below EXAMPLES of a help text.
enum Examples {
  /// Their words after `aegisctl`; the commands of a pipe apart.
  static func read(_ help: String) -> [[String]] {
    let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { $0 != "EXAMPLES" }.dropFirst().prefix { $0.hasPrefix("    ") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
      .filter { !$0.hasPrefix("#") }
      .flatMap { $0.components(separatedBy: " | ") }
      .map(words).filter { $0.first == "aegisctl" }.map { Array($0.dropFirst()) }
  }

  /// As a shell splits them, with single quotes; without what leads to the next line.
  private static func words(_ command: String) -> [String] {
    command.components(separatedBy: "'").enumerated().reduce(into: [""]) { words, part in
      if part.offset % 2 == 1 {
        words[words.count - 1] += part.element
      } else {
        let pieces = part.element.components(separatedBy: " ")
        words[words.count - 1] += pieces[0]
        words += pieces.dropFirst()
      }
    }.filter { !$0.isEmpty && $0 != "|" && $0 != "&&" }
  }
}
