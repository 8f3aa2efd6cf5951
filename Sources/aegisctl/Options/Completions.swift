import Aegis
import ArgumentParser

/// What the shell offers. Nobody sees an error here: what cannot be read is not offered.
enum Completions {
  /// A list that is longer than anybody reads.
  private static let most = 500

  static func interfaces() -> [String] {
    Interfaces.names.filter { $0 != "lo" }
  }

  /// Those whose packets the datapath can read.
  static func attachable() -> [String] {
    Interfaces.attachable.filter { $0 != "lo" }
  }

  static func attachedInterfaces(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    let attachments = (try? Interfaces(datapath).attachments()) ?? []
    return attachments.filter(\.isAttached).map(\.name)
  }

  /// Only to take away is there something to offer.
  static func drops(_ words: [String]) -> [String] {
    guard words.contains("--remove"), let datapath = datapath(words) else { return [] }
    let entries = (try? DropList(datapath).entries()) ?? []
    return entries.prefix(most).map { "\($0.element)" }
  }

  static func keys(_ words: [String]) -> [String] {
    guard words.contains("--remove"), let datapath = datapath(words) else { return [] }
    let entries = (try? KeyList(datapath).entries()) ?? []
    return entries.prefix(most).map { "\($0.element)" }
  }

  private static func datapath(_ words: [String]) -> Datapath? {
    let flag = "--pin-root"
    var given: String?
    for (word, next) in zip(words, words.dropFirst() + [""]) {
      // bash splits at the "=", and then hands over three words.
      if word == flag, !next.isEmpty, next != "=" { given = next }
      if word.hasPrefix(flag + "=") { given = String(word.dropFirst(flag.count + 1)) }
    }
    if let at = words.firstIndex(of: flag), words[at...].dropFirst().first == "=" {
      given = words[at...].dropFirst(2).first
    }
    return try? Datapath(at: InstanceOptions.root(given: given))
  }
}
