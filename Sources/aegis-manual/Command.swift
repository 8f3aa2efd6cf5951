/// A command of the parser that the manual is about.
struct Command: Decodable {
  let commandName: String
  let abstract: String?
  let discussion: String?
  let shouldDisplay: Bool?
  let aliases: [String]?
  let superCommands: [String]?
  private let subcommands: [Command]?
  private let arguments: [ArgumentInfo]?

  /// The commands below it that are for users; ArgumentParser's own `help` explains itself.
  var verbs: [Command] {
    (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
  }

  var entries: [Entry] {
    Entry.grouping((arguments ?? []).filter(\.shouldDisplay))
  }

  /// The words after the program's name.
  var words: [String] {
    superCommands.map { $0.dropFirst() + [commandName] } ?? []
  }

  /// The commands at and below it that can be run, not only looked into.
  var forms: [Command] {
    let isRunnable = verbs.isEmpty || entries.contains { !$0.isHelp }
    return (isRunnable ? [self] : []) + verbs.flatMap(\.forms)
  }
}
