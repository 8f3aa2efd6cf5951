/// A page in mdoc(7).
struct Page {
  let manual: Manual
  let command: Command

  private var isMain: Bool { command.words.isEmpty }

  private var program: String { manual.program.commandName }

  var name: String { ([program] + command.words).joined(separator: "-") }

  var fileName: String { "\(name).\(Manual.section)" }

  var text: String {
    var lines = heading + synopsis + [".Sh DESCRIPTION"]
    lines += description(of: command)
    if isMain { lines += concepts + verbs } else { lines += described.flatMap(subsection) }
    lines += options
    lines += CommonSections.lines(program)
    lines += examples
    lines += seeAlso
    return lines.joined(separator: "\n") + "\n"
  }

  /// The commands below the page's own that have no page.
  private var described: [Command] {
    isMain ? [] : command.forms.filter { $0.words != command.words }
  }

  private var examples: [String] {
    let sections = ([command] + described).map { Discussion($0.discussion ?? "").exampleSection }
    let lines = Roff.separated(sections)
    return lines.isEmpty ? [] : [".Sh EXAMPLES"] + lines
  }

  private var heading: [String] {
    let source = "the program's help"
    return Heading(source: source, name: name, section: Manual.section, title: title)
      .lines(manual.edition)
  }

  private var title: String {
    let abstract = command.abstract ?? name
    let text = abstract.last == "." ? String(abstract.dropLast()) : abstract
    let isWord = text.dropFirst().first?.isLowercase == true
    let title = isWord ? text.prefix(1).lowercased() + text.dropFirst() : text
    return title.split(separator: " ").map(Roff.inProse).joined(separator: " ")
  }

  private var concepts: [String] {
    manual.concepts.map { [$0.last == "\n" ? String($0.dropLast()) : $0] } ?? []
  }

  private var seeAlso: [String] {
    let others = manual.names.filter { $0 != name }
    let format = ".Xr \(PolicyPage.name) \(PolicyPage.section)"
    // Sorted by section, as mdoc(7) requires.
    return [".Sh SEE ALSO", others.isEmpty ? format : format + " ,"]
      + others.map { ".Xr \($0) \(Manual.section)" + ($0 == others.last ? "" : " ,") }
  }
}
