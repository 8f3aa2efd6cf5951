/// The page of the format that `apply` reads, in mdoc(7).
struct PolicyPage {
  static let name = "aegis-policy"
  static let section = 5

  let schema: Schema
  let edition: Edition
  let program: String

  var fileName: String { "\(Self.name).\(Self.section)" }

  var text: String {
    var lines = heading + [".Sh DESCRIPTION"]
    for (number, document) in schema.documents.enumerated() {
      if number > 0 { lines.append(".Pp") }
      lines += Roff.paragraphs(document.description ?? "")
    }
    for document in schema.documents {
      lines += [".Sh FIELDS OF \(document.title?.uppercased() ?? "")"] + list(document)
      for (name, field) in document.fields { lines += sections(field, name) }
    }
    let samples = schema.documents.compactMap(\.sample).joined(separator: "---\n")
    lines += [".Sh EXAMPLES"] + Roff.display(samples.split(separator: "\n"))
    let verbs = ["", "-apply", "-diff", "-dump"].map { "\(program)\($0)" }
    lines += [".Sh SEE ALSO"]
    lines += verbs.map { ".Xr \($0) \(Manual.section)" + ($0 == verbs.last ? "" : " ,") }
    return lines.joined(separator: "\n") + "\n"
  }

  private var heading: [String] {
    Heading(
      source: "apply --schema", name: Self.name, section: Self.section,
      title: "what a datapath is to do, as a file"
    ).lines(edition)
  }

  /// The sections of an object or a list, and of everything below it.
  private func sections(_ schema: Schema, _ path: String) -> [String] {
    let object = schema.item ?? schema
    if object.fields.isEmpty { return [] }
    let title = schema.item == nil ? path : "\(path)[]"
    var lines = [".Ss \(Roff.argument(title))"] + Roff.prose(schema.description ?? "")
    lines += list(object)
    for (name, field) in object.fields { lines += sections(field, "\(path).\(name)") }
    return lines
  }

  private func list(_ schema: Schema) -> [String] {
    [".Bl -tag -width Ds"]
      + schema.fields.flatMap { name, field in
        [".It Cm \(Roff.argument(name))"] + text(field, schema.required?.contains(name) == true)
      } + [".El"]
  }

  private func text(_ field: Schema, _ isRequired: Bool) -> [String] {
    var lines = Roff.prose(field.description ?? "")
    if isRequired { lines += Roff.prose("It is required.") }
    if let constant = field.constant { lines += Roff.prose("It is \(constant).") }
    if let choices = field.choices {
      lines += Roff.prose("One of \(choices.joined(separator: ", ")).")
    }
    if let examples = field.examples ?? field.item?.examples, field.choices == nil {
      let texts = examples.map { ".Ql \(Roff.argument($0.text))" }
      lines +=
        ["For example"] + texts.dropLast().map { $0 + " ," } + texts.suffix(1).map { $0 + " ." }
    }
    return lines
  }
}
