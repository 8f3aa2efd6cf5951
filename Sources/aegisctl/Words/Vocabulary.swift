import ArgumentParser
import FoundationEssentials

/// The words that a verb takes, by its own description of them.
struct Vocabulary {
  /// What a verb says of an option, a flag or an argument.
  struct Word: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }

    struct Name: Decodable {
      let kind: String
      let name: String

      var text: String { (kind == "long" ? "--" : "-") + name }
    }

    let kind: Kind
    let names: [Name]?
    let isRepeating: Bool
    let isOptional: Bool
    let valueName: String?
    let allValues: [String]?

    /// How messages call it.
    var label: String {
      let names = names ?? []
      let name = names.first { $0.kind == "long" } ?? names.first
      return name?.text ?? "<\(valueName ?? "argument")>"
    }
  }

  private struct Tool: Decodable {
    struct Command: Decodable {
      let arguments: [Word]?
    }

    let command: Command
  }

  let verb: String
  let usage: String
  /// In their order.
  let positionals: [Word]
  private let named: [String: Word]

  /// Takes longer than the verb itself: for when something is wrong, or may be.
  init(_ verb: any ParsableCommand.Type) {
    self.init(
      verb, of: verb.configuration.commandName ?? "",
      usage: verb.configuration.usage ?? verb.usageString())
  }

  init(_ type: any ParsableArguments.Type, of verb: String, usage: String) {
    let dump = Data(type._dumpHelp().utf8)
    let words = (try? JSONDecoder().decode(Tool.self, from: dump))?.command.arguments ?? []
    self.verb = verb
    self.usage = usage
    positionals = words.filter { $0.kind == .positional }
    var named: [String: Word] = [:]
    for word in words { for name in word.names ?? [] { named[name.text] = word } }
    self.named = named
  }

  /// What `--name` or `-n` is, nil if the verb knows no such.
  subscript(name: String) -> Word? { named[name] }

  var names: [String] { named.keys.sorted() }
}
