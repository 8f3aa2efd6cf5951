/// A command in the parser's description of the program.
struct Command: Decodable {
  let commandName: String
  let abstract: String?
  let discussion: String?
  let shouldDisplay: Bool?
  let aliases: [String]?
  let superCommands: [String]?
  private let subcommands: [Command]?
  private let arguments: [ArgumentInfo]?

  /// Its subcommands for users; ArgumentParser's own `help` needs no description.
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

  /// This command and those below it that can be run, not only group others.
  var forms: [Command] {
    let isRunnable = verbs.isEmpty || entries.contains { !$0.isHelp }
    return (isRunnable ? [self] : []) + verbs.flatMap(\.forms)
  }
}
