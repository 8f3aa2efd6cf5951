import Aegis
import ArgumentParser

/// The completions offered by the shell. Errors would not be seen here: what cannot be read is not offered.
enum Completions {
  /// A longer list is of no use to anyone.
  private static let most = 500

  static func interfaces() -> [String] {
    offered(Interfaces.names.filter { $0 != "lo" })
  }

  /// The interfaces whose packets the datapath can read.
  static func attachable() -> [String] {
    offered(Interfaces.attachable.filter { $0 != "lo" })
  }

  static func attachedInterfaces(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    let attachments = (try? Interfaces(datapath).attachments()) ?? []
    return offered(attachments.filter(\.isAttached).map(\.name).uniqued())
  }

  /// Offers entries only for removal.
  static func drops(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    guard words.contains("--remove"), let datapath = datapath(words) else { return [] }
    let entries = (try? DropList(datapath).entries()) ?? []
    return offered(entries.lazy.map { "\($0.element)" }, typed(words, index, prefix))
  }

  static func keys(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    guard words.contains("--remove"), let datapath = datapath(words) else { return [] }
    let entries = (try? KeyList(datapath).entries()) ?? []
    return offered(entries.lazy.map { "\($0.element)" }, typed(words, index, prefix))
  }

  static func classes(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    return offered(((try? ClassTable(datapath).definitions()) ?? [:]).keys.sorted().map(\.text))
  }

  static func lists(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    return offered(((try? ListTable(datapath).definitions()) ?? [:]).keys.sorted().map(\.text))
  }

  static func profiles(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    return offered(((try? ProfileTable(datapath).all()) ?? []).lazy.map(\.name.text))
  }

  static func rules(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    let side = datapath[words.contains("--out") ? .out : .in]
    return offered(((try? RuleTable(side).rules()) ?? []).lazy.map(\.name.text))
  }

  /// What a rule may have for addresses: `any`, and lists that do nothing by themselves.
  static func ruleAddresses(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return ["any"] }
    let lists = ((try? ListTable(datapath).definitions()) ?? [:]).filter {
      $0.value.action == .none
    }
    return ["any"] + offered(lists.keys.sorted().map { "list:\($0)" })
  }

  static func users(_ words: [String]) -> [String] {
    guard let datapath = datapath(words) else { return [] }
    return offered(((try? RelayUsers(datapath).all()) ?? []).lazy.map(\.name.text))
  }

  /// ArgumentParser takes the prefix from the last word, although the word being completed may be an earlier one.
  private static func typed(_ words: [String], _ index: Int, _ prefix: String) -> String {
    let word = words.indices.contains(index) ? words[index] : ""
    let text = index == words.count - 1 ? prefix : word
    // Shells pass the typed text with its quotes and backslashes.
    return text.filter { !"\\'\"".contains($0) }
  }

  /// The names that begin with the typed text, in the form that the shell reads. bash expands what it is offered, so
  /// names that are more than a plain word, as an interface may have, are left out.
  private static func offered(_ names: some Sequence<String>, _ typed: String = "") -> [String] {
    let plain = names.lazy.filter { name in
      name.hasPrefix(typed)
        && name.utf8.allSatisfy { byte in
          byte >= 0x80 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
            || ".:/[]-_@+".utf8.contains(byte)
        }
    }
    let isZsh = CompletionShell.requesting == .zsh
    // zsh would take the text after a colon for a description.
    return plain.prefix(most).map { isZsh ? $0.replacing(":", with: "\\:") : $0 }
  }

  private static func datapath(_ words: [String]) -> Datapath? {
    let flag = "--pin-root"
    var given: String?
    for (word, next) in zip(words, words.dropFirst() + [""]) {
      if word == flag, !next.isEmpty { given = next }
      if word.hasPrefix(flag + "=") { given = String(word.dropFirst(flag.count + 1)) }
    }
    return try? Datapath(at: InstanceOptions.root(given: given))
  }
}
