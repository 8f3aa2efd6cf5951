import Aegis

/// The elements that a command names, as arguments and in a list.
struct EntryInput<Element: Hashable & Sendable> {
  /// Those of the arguments come first.
  var contents: ListContents<Element>
  private let file: String
  /// Lines that were left out.
  private let skipped: [AegisError]

  /// - Throws: Every error in the arguments and the list, if nothing is to be done because of them.
  init(
    _ request: EntryRequest, _ read: ([UInt8]) -> ListContents<Element>,
    word: (String, inout [InputNote]) throws(InputError) -> Element
  ) throws {
    var errors: [AegisError] = []
    var elements: [Element] = []
    var notes: [InputNote] = []
    for (index, text) in request.words.enumerated() {
      do {
        try Netmask.check(text, after: index > 0 ? request.words[index - 1] : nil)
        elements.append(try word(text, &notes))
      } catch {
        errors.append(AegisError(error))
      }
    }
    file = request.file.map { $0 == "-" ? "standard input" : $0 } ?? ""
    contents = try request.file.map { read(try InputFile.read($0)) } ?? ListContents()
    skipped = contents.errors.map { [file] in Self.error(in: file, $0) }
    // An import that is not complete can be told and mended; a list replaced by half of another cannot.
    let isStrict = request.isStrict || request.isReplacement
    if !errors.isEmpty || !skipped.isEmpty && (isStrict || contents.entries.isEmpty) {
      try Failures.check(Self.cut(errors + skipped, "nothing was changed"))
    }
    Notice.give(
      notes.map { "\($0)" } + contents.notes.map { "\(Self.name($0.place, in: file)): \($0.note)" })
    contents.prepend(elements)
    if request.isReplacement, contents.entries.isEmpty {
      throw AegisError(
        .badInput, "\(file) has no entry, and nothing was changed",
        hint: "to lift all bans: aegisctl dump drops -o name | aegisctl drop-ip --remove -f -")
    }
  }

  /// Throws what was left out, if anything was: nobody shall take a part of a list for all of it.
  ///
  /// - Parameter errors: What else went wrong.
  func tellSkipped(dryRun: Bool, after errors: [AegisError]) throws {
    let errors = Self.cut(errors, "nothing else was removed")
    guard !skipped.isEmpty else { return try Failures.check(errors) }
    let done = dryRun ? "would be taken" : "were taken"
    let last = AegisError(
      .badInput, "left out what is wrong in \(file); the other \(contents.entries.count) \(done)",
      hint: "with --strict nothing is changed if anything is wrong")
    throw Failures(errors: errors + Self.cut(skipped, "skipped") + [last])
  }

  private static func error(in file: String, _ error: ListError) -> AegisError {
    var subject = AegisError.Subject(file: file, value: error.error.input)
    switch error.place {
    case .line(let number): subject.line = number
    case .element(let name, let index): subject.field = "\(name)[\(index)]"
    case .whole: break
    }
    return AegisError(
      .badInput, "\(name(error.place, in: file)): \(error.error)", hint: error.error.hint
    ).about(subject)
  }

  private static func name(_ place: ListError.Place, in file: String) -> String {
    switch place {
    case .line(let number): "\(file):\(number)"
    case .element(let name, let index): "\(file): \(name)[\(index)]"
    case .whole: file
    }
  }

  private static var mostErrors: Int { 20 }

  /// A list of the wrong kind would otherwise be an error for every one of its lines.
  private static func cut(_ errors: [AegisError], _ consequence: String) -> [AegisError] {
    if errors.count <= mostErrors { return errors }
    let more = AegisError(
      .badInput, "and \(errors.count - mostErrors) more errors; \(consequence)")
    return errors.prefix(mostErrors) + [more]
  }
}
