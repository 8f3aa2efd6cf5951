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
    /// With dashes, the long name first.
    let names: [String]
    let isRepeating: Bool
    let isOptional: Bool
    /// Whether it may be given without its value, which is then a number. The description does not contain this.
    var standsAlone = false
    private let valueName: String?
    let allValues: [String]?

    /// From the table.
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

    /// Its name in messages.
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
  /// In order.
  let positionals: [Word]
  private let words: [Word]

  /// From the table, which has neither names of values nor all allowed values.
  init(_ table: [Word], of verb: String, usage: @autoclosure @escaping () -> String) {
    self.verb = verb
    usageText = usage
    words = table
    positionals = table.filter { $0.kind == .positional }
  }

  /// From the verb's own description, which takes longer than the verb itself. Used if something is, or may be,
  /// wrong.
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

  /// The word for `--name` or `-n`; nil if the verb does not know it.
  subscript(name: String) -> Word? { words.first { $0.names.contains(name) } }

  var names: [String] { words.flatMap(\.names).sorted() }
}
