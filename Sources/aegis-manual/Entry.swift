/// What the manual describes in one place: an argument, or flags that share their help text, such as `--resolve` and
/// `--no-resolve`.
struct Entry {
  let argument: ArgumentInfo
  private(set) var names: [Name]

  /// Equal entries have the same key, which is the text printed in `OPTIONS`.
  var key: String { (tag + text).joined(separator: "\n") }

  var isHelp: Bool { names.contains { $0.name == "help" || $0.name == "version" } }

  static func grouping(_ arguments: [ArgumentInfo]) -> [Entry] {
    var result: [Entry] = []
    for argument in arguments {
      let names = argument.names ?? []
      let sorted = names.filter(\.isShort) + names.filter { !$0.isShort }
      if let last = result.last?.argument, last.kind == .flag, argument.kind == .flag,
        last.abstract != nil, last.abstract == argument.abstract
      {
        result[result.count - 1].names += sorted
      } else {
        result.append(Entry(argument: argument, names: sorted))
      }
    }
    return result
  }

  private var value: String {
    argument.kind == .flag ? "" : "Ar \(Roff.argument(argument.valueName ?? "value"))"
  }

  private var long: [Name] {
    let long = names.filter { !$0.isShort }
    return long.isEmpty ? names : long
  }
}

extension Entry {
  /// Its text in the synopsis.
  var synopsis: String {
    let spelling =
      argument.kind == .flag
      ? long.map(\.macro).joined(separator: " | ") : long.last?.macro ?? ""
    let dots = argument.isRepeating ? " ..." : ""
    let line = [spelling, value].filter { !$0.isEmpty }.joined(separator: " ") + dots
    return argument.isOptional ? ".Op \(line)" : ".\(line)"
  }

  /// The head of its entry in `OPTIONS`.
  var tag: [String] {
    let spelling = names.map(\.macro).joined(separator: " , ")
    let dots = argument.kind == .positional && argument.isRepeating ? " ..." : ""
    return [".It " + [spelling, value].filter { !$0.isEmpty }.joined(separator: " ") + dots]
  }

  /// The rest of its entry in `OPTIONS`.
  var text: [String] {
    var lines = Roff.prose(argument.abstract.map(Roff.sentence) ?? "")
    if let discussion = argument.discussion {
      lines = Roff.separated([lines, Roff.paragraphs(discussion)])
    }
    lines += values
    if let text = argument.defaultValue { lines += Roff.prose("The default is \(text).") }
    return lines
  }

  private var values: [String] {
    guard let all = argument.allValues, all.count > 1 else { return [] }
    guard let descriptions = argument.allValueDescriptions else {
      if let abstract = argument.abstract, all.allSatisfy(abstract.contains) { return [] }
      return Roff.prose("One of \(all.joined(separator: ", ")).")
    }
    return [".Bl -tag -width Ds -compact"]
      + all.flatMap { value in
        [".It Cm \(Roff.argument(value))"] + Roff.prose(descriptions[value] ?? "")
      } + [".El"]
  }
}
