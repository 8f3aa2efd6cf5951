import Aegis

/// The words after a verb, checked against what the verb takes. ArgumentParser would silently use the last of two
/// values, and take a value that begins with a dash for an option.
struct VerbWords {
  /// The number of verbs that a message names if they have the option that another verb lacks.
  private static let mostVerbs = 5

  private let vocabulary: Vocabulary
  /// Options with their values; nil for a flag, and for an option given alone.
  private(set) var options: [(word: Vocabulary.Word, value: String?)] = []
  private(set) var positionals: [String] = []

  /// - Throws: The error in the words.
  init(_ words: [String], _ vocabulary: Vocabulary) throws(AegisError) {
    self.vocabulary = vocabulary
    try read(words)
    try checkPositionals()
  }

  /// The same words in a form that ArgumentParser reads as intended.
  ///
  /// - Throws: An error for a value that is not one of those allowed.
  func arranged() throws(AegisError) -> [String] {
    for (word, value) in options { try Self.check(value, word) }
    for (word, value) in zip(vocabulary.positionals, positionals) { try Self.check(value, word) }
    let options = options.flatMap { word, value in
      guard let value else { return [word.label] }
      // An empty value must be a separate word.
      return value.isEmpty ? [word.label, value] : ["\(word.label)=\(value)"]
    }
    let isPlain = !positionals.contains { $0.hasPrefix("-") && $0 != "-" }
    return options + (isPlain ? [] : ["--"]) + positionals
  }

  /// Whether an option with a value may be there twice. The answer is true too often: an exact one needs the verb's
  /// description, which takes time.
  static func mayRepeat(_ words: [String]) -> Bool {
    var seen: Set<Substring> = []
    var initials: Set<Substring> = []
    for word in words where word.hasPrefix("-") && word != "-" {
      if word == "--" { break }
      let name = word.prefix { $0 != "=" }
      if name.hasPrefix("--") {
        if !seen.insert(name).inserted { return true }
        initials.insert(name.dropFirst(2).prefix(1))
      } else {
        for letter in name.dropFirst() where !seen.insert(Substring(String(letter))).inserted {
          return true
        }
      }
    }
    // Short names are the first letters of long ones.
    return !initials.isDisjoint(with: seen)
  }

  private mutating func read(_ words: [String]) throws(AegisError) {
    var rest = words[...]
    while let word = rest.popFirst() {
      if word == "--" {
        positionals += rest
        return
      }
      if word.hasPrefix("--") {
        try readLong(word, &rest)
      } else if word.hasPrefix("-"), word != "-", !isNegative(word) {
        try readShort(word, &rest)
      } else {
        positionals.append(word)
      }
    }
  }

  private mutating func readLong(
    _ text: String, _ rest: inout ArraySlice<String>
  ) throws(AegisError) {
    let name = String(text.prefix { $0 != "=" })
    guard let word = vocabulary[name] else { throw unknown(name) }
    let value = text.utf8.count > name.utf8.count ? String(text.dropFirst(name.count + 1)) : nil
    try take(word, value, &rest)
  }

  private mutating func readShort(
    _ text: String, _ rest: inout ArraySlice<String>
  ) throws(AegisError) {
    var letters = text.dropFirst()
    while let letter = letters.popFirst() {
      guard let word = vocabulary["-\(letter)"] else {
        throw unknown(text.count > 2 ? text : "-\(letter)")
      }
      if word.kind == .flag {
        if letters.first == "=" { throw problem("\(word.label) takes no value") }
        options.append((word, nil))
        continue
      }
      let value = letters.first == "=" ? letters.dropFirst() : letters
      return try take(word, letters.isEmpty ? nil : String(value), &rest)
    }
  }

  private mutating func take(
    _ word: Vocabulary.Word, _ attached: String?, _ rest: inout ArraySlice<String>
  ) throws(AegisError) {
    let label = word.label
    if word.kind == .flag {
      if attached != nil { throw problem("\(label) takes no value") }
      options.append((word, nil))
      return
    }
    if !word.isRepeating, options.contains(where: { $0.word.label == label }) {
      throw problem("\(label) is given twice")
    }
    let value = attached ?? next(of: word, &rest)
    if value == nil, !word.standsAlone { throw missing(label, before: rest.first) }
    options.append((word, value))
  }

  /// The next word, if it is a value.
  private func next(
    of word: Vocabulary.Word, _ rest: inout ArraySlice<String>
  ) -> String? {
    guard let next = rest.first else { return nil }
    if word.standsAlone, Int(next) == nil { return nil }
    guard !next.hasPrefix("-") || next == "-" || isNegative(next) else { return nil }
    return rest.popFirst()
  }

  /// Whether it is a number, although it begins like an option.
  private func isNegative(_ word: String) -> Bool {
    guard let first = word.dropFirst().first, word.hasPrefix("-") else { return false }
    return first.isASCII && (first.isNumber || first == ".") && vocabulary["-\(first)"] == nil
  }

  private mutating func checkPositionals() throws(AegisError) {
    let wanted = vocabulary.positionals
    if !wanted.contains(where: \.isRepeating), positionals.count > wanted.count {
      throw problem("unexpected argument \(InputText.quoted(positionals[wanted.count]))")
    }
    let missing = wanted.dropFirst(positionals.count).filter { !$0.isOptional }
    if let first = missing.first { throw problem("missing argument \(first.label)") }
  }

  private static func check(_ value: String?, _ word: Vocabulary.Word) throws(AegisError) {
    guard let value, let known = word.allValues, !known.isEmpty, !known.contains(value) else {
      return
    }
    let error = InputError(
      input: value, problem: "must be \(WordList.text(known, "or"))",
      hint: Nearest.question(value, of: known))
    throw AegisError(error, of: word.kind == .positional ? nil : word.label)
  }

  private func unknown(_ name: String) -> AegisError {
    // The option that overrides the guard is never suggested: a user who wants it must type it.
    let names = vocabulary.names.filter { $0.hasPrefix("--") && $0 != "--force" }
    let others = Aegisctl.verbs.filter { VerbTable.verb(named: $0)?.takes(name) ?? false }
    let hint =
      1...Self.mostVerbs ~= others.count
      ? "it is an option of \(WordList.text(others, "and"));" : Nearest.question(name, of: names)
    return problem("unknown option \(InputText.quoted(name))", hint: hint)
  }

  private func missing(_ label: String, before next: String?) -> AegisError {
    let isOption = next.map { vocabulary[String($0.prefix { $0 != "=" })] != nil } ?? true
    return problem(
      "\(label) needs a value",
      hint: isOption ? nil : "a value that begins with a dash is written \(label)=VALUE;")
  }

  private func problem(_ text: String, hint: String? = nil) -> AegisError {
    .misuse(text, hint: hint, usage: vocabulary.usage, of: vocabulary.verb)
  }
}

extension AegisError {
  /// An error in the words themselves.
  ///
  /// - Parameter verb: nil if the error comes before any verb.
  static func misuse(
    _ text: String, hint: String? = nil, usage: String, of verb: String? = nil
  ) -> AegisError {
    let (place, remedy) = (verb.map { "\($0): " } ?? "", hint.map { "\($0) " } ?? "")
    return AegisError(.usage, place + text, hint: remedy + "usage: \(usage)")
  }
}
