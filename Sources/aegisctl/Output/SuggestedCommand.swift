import Aegis

/// Commands in messages, as they have to be typed for the instance that this call is about.
enum SuggestedCommand {
  /// Of `--pin-root`. What AEGIS_PIN_ROOT names, the next command reads from there, too.
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
