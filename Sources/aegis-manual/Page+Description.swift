extension Page {
  func description(of command: Command) -> [String] {
    var lines = Roff.prose(Roff.sentence(command.abstract ?? ""))
    if let aliases = command.aliases {
      lines += Roff.prose("It may be written \(aliases.joined(separator: " or ")).")
    }
    let rest = Roff.paragraphs(Discussion(command.discussion ?? "").description)
    return Roff.separated([lines, rest])
  }

  /// A command below the page's own.
  func subsection(_ form: Command) -> [String] {
    [".Ss \(form.words.map(Roff.argument).joined(separator: " "))"] + description(of: form)
  }

  var verbs: [String] {
    [".Sh COMMANDS", "Each has a page of its own.", ".Bl -tag -width Ds"]
      + command.verbs.flatMap { verb in
        [".It Cm \(Roff.argument(verb.commandName))"]
          + Roff.prose(Roff.sentence(verb.abstract ?? ""))
      } + [".El"]
  }
}
