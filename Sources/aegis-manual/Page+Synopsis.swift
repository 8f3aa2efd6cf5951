extension Page {
  var synopsis: [String] {
    let program = manual.program.commandName
    guard !command.words.isEmpty else {
      return [
        ".Sh SYNOPSIS", ".Nm \(program)", ".Ar command", ".Op Ar options", ".Op Ar arguments",
      ]
    }
    return [".Sh SYNOPSIS"]
      + command.forms.flatMap { form in
        [".Nm \(program)", ".Cm \(form.words.map(Roff.argument).joined(separator: " "))"]
          + form.entries.filter { !$0.isHelp }.map(\.synopsis)
      }
  }
}
