import Aegis
import ArgumentParser

/// The whole command line: options of every verb, the verb, and its own words.
enum CommandWords {
  private static let usage = "aegisctl [options] <verb> ..., aegisctl --help lists the verbs"
  /// Options called by completion scripts and .ci/generate, which nobody types.
  private static let hidden = [
    "---completion", "--experimental-dump-help", CompletionCommand.formerOption,
  ]

  /// The command for the words: read by the table, or by ArgumentParser if the table is not enough.
  static func command(_ arguments: [String]) throws -> any ParsableCommand {
    if let verb = read(arguments) { return verb }
    return try parse(arguments)
  }

  /// Reads by the table only, which takes a fraction of the time; nil if anything is wrong, or if help is requested.
  static func read(_ arguments: [String]) -> (any Verb)? {
    guard !arguments.contains(where: isForHelp), let (leading, words) = try? split(arguments),
      let name = words.first, let verb = VerbTable.verb(named: name)
    else { return nil }
    // Notices are held back until it is clear that the words need not be read again.
    let tell = Notice.handler
    defer { Notice.handler = tell }
    nonisolated(unsafe) var notes: [String] = []
    Notice.handler = { notes.append($0) }
    let vocabulary = Vocabulary(verb.table, of: name, usage: "")
    guard let given = try? VerbWords(leading + words.dropFirst(), vocabulary),
      let command = try? verb.init(given)
    else { return nil }
    notes.forEach(tell)
    return command
  }

  /// Parses with ArgumentParser, which reports what is wrong.
  static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    if arguments.isEmpty || hidden.contains(arguments[0]) {
      if let completion = try CompletionCommand.parseFormer(arguments) { return completion }
      return try Aegisctl.parseAsRoot(arguments)
    }
    let (leading, words) = try split(arguments)
    guard let name = words.first else {
      if asksForHelp(leading) { return try Aegisctl.parseAsRoot(leading.filter(isForHelp)) }
      throw AegisError.misuse("no verb is given", usage: usage)
    }
    let rest = words.dropFirst()
    if name == "help" { return try help(rest.filter { !isForHelp($0) }) }
    return try parse(name, leading + rest)
  }

  /// Parses with the verb directly: building the whole tree takes longer than the verb itself.
  private static func parse(
    _ name: String, _ words: [String]
  ) throws -> any ParsableCommand {
    guard let verb = VerbTable.verb(named: name) else { throw unknown(name) }
    // Help takes precedence over any error, and the root knows the path of the verb.
    if asksForHelp(words) { return try Aegisctl.parseAsRoot([name] + words.filter(isForHelp)) }
    if !VerbWords.mayRepeat(words), let command = try? verb.parse(words) { return command }
    let arranged = try VerbWords(words, Vocabulary(verb)).arranged()
    do {
      return try verb.parse(arranged)
    } catch {
      throw ParsingFailure(error).error(for: verb)
    }
  }

  private static func help(_ names: [String]) throws -> any ParsableCommand {
    if names.count > 1 {
      throw AegisError.misuse(
        "unexpected argument \(InputText.quoted(names[1]))", usage: "aegisctl help [<verb>]",
        of: "help")
    }
    if let name = names.first, name != "help", VerbTable.verb(named: name) == nil {
      throw unknown(name)
    }
    return try Aegisctl.parseAsRoot(["help"] + names)
  }

  /// Splits off the options before the verb.
  private static func split(
    _ arguments: [String]
  ) throws -> (leading: [String], rest: ArraySlice<String>) {
    var rest = arguments[...]
    var leading: [String] = []
    guard arguments.first?.hasPrefix("-") == true else { return (leading, rest) }
    let common = Vocabulary(CommonOptions.table, of: "aegisctl", usage: usage)
    while let word = rest.first, word.hasPrefix("-"), word != "-" {
      rest.removeFirst()
      leading.append(word)
      if isForHelp(word) { continue }
      let isLong = word.hasPrefix("--")
      let names = isLong ? [String(word.prefix { $0 != "=" })] : word.dropFirst().map { "-\($0)" }
      for name in names {
        guard let option = common[name] else { throw misplaced(word, before: rest.first) }
        if option.kind == .flag { continue }
        if !word.contains("="), name == names.last {
          guard let value = rest.popFirst() else {
            throw AegisError.misuse("\(option.label) needs a value", usage: usage)
          }
          leading.append(value)
        }
        // The rest of the word is its value.
        break
      }
    }
    return (leading, rest)
  }

  private static func misplaced(_ word: String, before next: String?) -> AegisError {
    let isVerbs = next.map { VerbTable.verb(named: $0) != nil } ?? false
    return .misuse(
      "unknown option \(InputText.quoted(word))",
      hint: isVerbs ? "an option of \(next ?? "") goes behind it;" : nil, usage: usage)
  }

  private static func unknown(_ name: String) -> AegisError {
    .misuse(
      "unknown verb \(InputText.quoted(name))",
      hint: Synonyms.question(name) ?? Nearest.question(name, of: Aegisctl.verbs), usage: usage)
  }

  private static func asksForHelp(_ words: [String]) -> Bool {
    words.prefix { $0 != "--" }.contains(where: isForHelp)
  }

  private static func isForHelp(_ word: String) -> Bool {
    ["-h", "--help", "--version"].contains(word)
  }
}
