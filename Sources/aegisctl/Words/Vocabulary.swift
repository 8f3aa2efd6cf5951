import ArgumentParser
import FoundationEssentials

/// The words that a verb takes.
struct Vocabulary {
  /// An option, a flag or an argument.
  struct Word: Decodable {
    enum Kind: String, Decodable { case positional, option, flag }

    private struct Name: Decodable {
      let kind: String
      let name: String

      var text: String { (kind == "long" ? "--" : "-") + name }
    }

    private enum Key: CodingKey {
      case kind, names, isRepeating, isOptional, valueName, allValues
    }

    let kind: Kind
    /// With their dashes, the long one first.
    let names: [String]
    let isRepeating: Bool
    let isOptional: Bool
    /// Whether it may be without its value, which is then a number. The description does not tell.
    var standsAlone = false
    private let valueName: String?
    let allValues: [String]?

    /// As the table says.
    init(
      _ kind: Kind, _ names: [String], isRepeating: Bool = false, isOptional: Bool = true,
      standsAlone: Bool = false
    ) {
      self.kind = kind
      self.names = names
      self.isRepeating = isRepeating
      self.isOptional = isOptional
      self.standsAlone = standsAlone
      valueName = nil
      allValues = nil
    }

    init(from decoder: any Decoder) throws {
      let word = try decoder.container(keyedBy: Key.self)
      kind = try word.decode(Kind.self, forKey: .kind)
      let names = try word.decodeIfPresent([Name].self, forKey: .names) ?? []
      self.names = (names.filter { $0.kind == "long" } + names.filter { $0.kind != "long" })
        .map(\.text)
      isRepeating = try word.decode(Bool.self, forKey: .isRepeating)
      isOptional = try word.decode(Bool.self, forKey: .isOptional)
      valueName = try word.decodeIfPresent(String.self, forKey: .valueName)
      allValues = try word.decodeIfPresent([String].self, forKey: .allValues)
    }

    /// How messages call it.
    var label: String { names.first ?? "<\(valueName ?? "argument")>" }
  }

  private struct Tool: Decodable {
    struct Command: Decodable {
      let arguments: [Word]?
    }

    let command: Command
  }

  let verb: String
  private let usageText: () -> String
  /// In their order.
  let positionals: [Word]
  private let words: [Word]

  /// By the table: it has no names of values, and not all that they may be.
  init(_ table: [Word], of verb: String, usage: @autoclosure @escaping () -> String) {
    self.verb = verb
    usageText = usage
    words = table
    positionals = table.filter { $0.kind == .positional }
  }

  /// By a verb's own description, which takes longer than the verb itself: for when something is wrong, or may be.
  init(_ verb: any Verb.Type) {
    let dump = Data(verb._dumpHelp().utf8)
    var words = (try? JSONDecoder().decode(Tool.self, from: dump))?.command.arguments ?? []
    let alone = verb.table.filter(\.standsAlone).map(\.label)
    for index in words.indices { words[index].standsAlone = alone.contains(words[index].label) }
    self.init(
      words, of: verb.configuration.commandName ?? "",
      usage: verb.configuration.usage ?? verb.usageString())
  }

  var usage: String { usageText() }

  /// What `--name` or `-n` is, nil if the verb knows no such.
  subscript(name: String) -> Word? { words.first { $0.names.contains(name) } }

  var names: [String] { words.flatMap(\.names).sorted() }
}
