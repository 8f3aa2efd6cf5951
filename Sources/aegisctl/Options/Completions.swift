import Aegis
import ArgumentParser

/// What the shell offers. Nobody sees an error here: what cannot be read is not offered.
enum Completions {
  /// A list that is longer than anybody reads.
  private static let most = 500

  static func interfaces() -> [String] {
    Interfaces.names.filter { $0 != "lo" }
  }

  static func attachedInterfaces() -> [String] {
    guard let datapath = datapath([]) else { return [] }
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
    var options = try? InstanceOptions.parse([])
    if let flag = words.firstIndex(of: "--pin-root"), words.indices.contains(flag + 1) {
      options?.pinRoot = words[flag + 1]
    }
    return try? options?.datapath()
  }
}
