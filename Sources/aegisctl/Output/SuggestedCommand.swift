import Aegis

/// Commands in messages, as a user has to type them for the current instance.
enum SuggestedCommand {
  /// The value of `--pin-root`. It is nil for AEGIS_PIN_ROOT, which the next command reads too.
  nonisolated(unsafe) static var pinRoot: String?

  /// `aegisctl repair; or ...` becomes `aegisctl repair --pin-root DIR; or ...`.
  static func text(_ text: String) -> String {
    guard let pinRoot else { return text }
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    var result: [String] = []
    for (index, word) in words.enumerated() {
      result.append(String(word))
      guard index > 0, words[index - 1].hasSuffix("aegisctl") else { continue }
      let verb = word.prefix { $0 != "," && $0 != ";" && $0 != ":" && $0 != ")" }
      let isAddressed = words[index...].contains("--pin-root")
      guard Aegisctl.verbs.contains(String(verb)), !isAddressed else { continue }
      result[index] = "\(verb) --pin-root \(ShellWord(pinRoot))" + word.dropFirst(verb.count)
    }
    return result.joined(separator: " ")
  }
}
