import Aegis

/// The elements given to a command, as arguments and in lists.
struct EntryInput<Element: Hashable & Sendable> {
  /// Elements of the arguments come first.
  var contents = ListContents<Element>()
  private let files: String
  /// How to remove all entries.
  private let clearing: String
  /// How many entries there were when they were released.
  private var taken = 0
  /// Lines that were left out.
  private var skipped: [AegisError] = []
  /// The lists in order, each with the number of entries up to its end.
  private var ends: [(file: String, count: Int)] = []

  /// - Throws: Every error in the arguments and the lists, if they prevent all changes.
  init(
    _ request: EntryRequest, _ read: ([UInt8], ListOptions) -> ListContents<Element>,
    word: (String, inout [InputNote]) throws(InputError) -> Element
  ) throws {
    var errors: [AegisError] = []
    var elements: [Element] = []
    var notes: [InputNote] = []
    for (index, text) in request.words.enumerated() {
      if let error = Self.misplacedTime(request.words, index) {
        errors += error
        continue
      }
      do {
        try Netmask.check(text, after: index > 0 ? request.words[index - 1] : nil)
        elements.append(try word(text, &notes))
      } catch {
        errors.append(AegisError(error))
      }
    }
    contents.prepend(elements)
    clearing = request.clearing
    files = request.files.map(InputFile.name).joined(separator: ", ")
    var messages = notes.map(\.description)
    var isRefused = false
    for path in request.files {
      let list = read(try InputFile.read(path, isText: true), request.listOptions)
      let file = InputFile.name(path)
      skipped += list.errors.map { Self.error(in: file, $0) }
      isRefused = isRefused || list.isRefused
      messages += Self.messages(of: list, in: file, quiet: request.style.isQuiet)
      contents.append(list)
      ends.append((file, contents.entries.count))
    }
    // An incomplete import can be reported and repaired; replacing a list by half of another cannot.
    let isStrict = request.isStrict || request.isReplacement || isRefused
    if !errors.isEmpty
      || !skipped.isEmpty && (isStrict || contents.entries.count == elements.count)
    {
      try Failures.check(Self.cut(errors + skipped, "nothing was changed"))
    }
    Notice.give(messages)
    if request.isReplacement { try checkSomeIsLeft() }
  }

  /// Refuses to replace all entries by none.
  func checkSomeIsLeft() throws {
    guard contents.entries.isEmpty else { return }
    throw AegisError(
      .badInput, "\(files) has no entry, and nothing was changed",
      hint: "to lift all bans: \(clearing)")
  }

  /// Leaves out and reports list entries that would cut off a host, whose name `named` returns.
  mutating func leaveOut(_ named: (Element) -> String?) {
    var places: Set<Int> = []
    var messages: [String] = []
    for (place, entry) in contents.entries.enumerated() where entry.line > 0 {
      guard let name = named(entry.element) else { continue }
      places.insert(place)
      messages.append(
        "\(line(at: place)): skipped \(entry.element): it would cut off \(name)")
    }
    Notice.give(messages)
    contents.remove(at: places)
  }

  /// Refuses list entries that would cut off a host, whose name `named` returns.
  func refuse(_ named: (Element) -> String?) throws {
    let errors = contents.entries.enumerated().compactMap { place, entry in
      named(entry.element).map { name in
        AegisError(
          .badInput, "\(line(at: place)): \(entry.element) would cut off \(name)",
          hint: "--skip-guarded leaves such lines out, and --except FILE what you name"
        ).about(.init(file: file(at: place), line: entry.line, value: "\(entry.element)"))
      }
    }
    try Failures.check(Self.cut(errors, "nothing was changed"))
  }

  private func file(at place: Int) -> String { ends.first { place < $0.count }?.file ?? files }

  private func line(at place: Int) -> String {
    "\(file(at: place)):\(contents.entries[place].line)"
  }

  /// Lets go of the entries, which may be a million, once a plan has them.
  mutating func release() {
    taken = contents.entries.count
    contents = ListContents()
  }

  /// Throws an error for entries that were left out, so that a part of a list is not taken for the whole.
  ///
  /// - Parameter errors: Other errors.
  func reportSkipped(dryRun: Bool, after errors: [AegisError]) throws {
    let errors = Self.cut(errors, "nothing else was removed")
    guard !skipped.isEmpty else { return try Failures.check(errors) }
    let done = dryRun ? "would be taken" : "were taken"
    let last = AegisError(
      .badInput, "skipped invalid lines in \(files); the other \(taken) \(done)",
      hint: "use --strict to change nothing if a line is invalid")
    throw Failures(errors: errors + Self.cut(skipped, "skipped") + [last])
  }

  /// The error in `1h` or `for 1h` among the elements, which is said once; nil for other words.
  private static func misplacedTime(_ words: [String], _ index: Int) -> [AegisError]? {
    func isTime(_ place: Int) -> Bool {
      guard words.indices.contains(place), words[place].contains(where: \.isLetter) else {
        return false
      }
      return (try? Lifetime(words[place])) != nil
    }
    let (isFor, isAfterFor) = (words[index] == "for", index > 0 && words[index - 1] == "for")
    guard isTime(isFor ? index + 1 : index) else { return nil }
    if isAfterFor { return [] }
    let given = words[index...].prefix(isFor ? 2 : 1).joined(separator: " ")
    let time = isFor ? words[index + 1] : words[index]
    return [
      AegisError(
        InputError(input: given, problem: "is a duration, not an address", hint: "--ttl \(time)"))
    ]
  }

  /// What is said about a list that can be used.
  static func messages(
    of list: ListContents<Element>, in file: String, quiet: Bool = false
  ) -> [String] {
    list.notes.map { "\(name($0.place, in: file)): \($0.note)" }
      + (quiet ? [] : ignored(in: file, list))
  }

  private static func ignored(in file: String, _ list: ListContents<Element>) -> [String] {
    var messages: [String] = []
    if list.ignoredColumns > 0 {
      let lines = list.ignoredColumns == 1 ? "1 line has" : "\(list.ignoredColumns) lines have"
      messages.append("\(file): \(lines) more than one column; only the first was used")
    }
    for (reason, count) in list.leftOut.sorted(by: { $0.key < $1.key }) {
      messages.append("\(file): skipped decisions that \(reason): \(count)")
    }
    return messages
  }

  static func error(in file: String, _ error: ListError) -> AegisError {
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

  /// Otherwise a list of the wrong kind would give an error for every line.
  private static func cut(_ errors: [AegisError], _ consequence: String) -> [AegisError] {
    if errors.count <= mostErrors { return errors }
    let more = AegisError(
      .badInput, "and \(errors.count - mostErrors) more errors; \(consequence)")
    return errors.prefix(mostErrors) + [more]
  }
}
