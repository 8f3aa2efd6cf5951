import Aegis
import ArgumentParser

/// The whole command line: options of every verb, the verb, and what is meant for it.
enum CommandWords {
  private static let usage = "aegisctl [options] <verb> ..., aegisctl --help lists the verbs"
  /// What scripts of completion and .ci/generate call, and nobody types.
  private static let hidden = [
    "---completion", "--experimental-dump-help", CompletionCommand.formerOption,
  ]

  /// What they ask for.
  static func command(_ arguments: [String]) throws -> any ParsableCommand {
    guard let first = arguments.first, !hidden.contains(first) else {
      if let completion = try CompletionCommand.parseFormer(arguments) { return completion }
      return try Aegisctl.parseAsRoot(arguments)
    }
    let (leading, words) = first.hasPrefix("-") ? try split(arguments) : ([], arguments[...])
    guard let name = words.first else {
      if asksForHelp(leading) { return try Aegisctl.parseAsRoot(leading.filter(isForHelp)) }
      throw AegisError.misuse("no verb is given", usage: usage)
    }
    let rest = words.dropFirst()
    if name == "help" { return try help(rest.filter { !isForHelp($0) }) }
    return try parse(name, leading + rest)
  }

  /// Goes straight to the verb: building the whole tree takes longer than the verb itself.
  private static func parse(
    _ name: String, _ words: [String]
  ) throws -> any ParsableCommand {
    guard let verb = Aegisctl.verb(named: name) else { throw unknown(name) }
    // It wins over whatever is wrong, and the root knows the path that it names.
    if asksForHelp(words) { return try Aegisctl.parseAsRoot([name] + words.filter(isForHelp)) }
    if !VerbWords.mayRepeat(words), let command = try? verb.parse(words) { return command }
    let arranged = try VerbWords.arranged(words, Vocabulary(verb))
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
    if let name = names.first, name != "help", Aegisctl.verb(named: name) == nil {
      throw unknown(name)
    }
    return try Aegisctl.parseAsRoot(["help"] + names)
  }

  /// The options in front of the verb.
  private static func split(
    _ arguments: [String]
  ) throws -> (leading: [String], rest: ArraySlice<String>) {
    let common = Vocabulary(CommonOptions.self, of: "aegisctl", usage: usage)
    var rest = arguments[...]
    var leading: [String] = []
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
        // What follows in the same word is its value.
        break
      }
    }
    return (leading, rest)
  }

  private static func misplaced(_ word: String, before next: String?) -> AegisError {
    let isVerbs = next.map { Aegisctl.verb(named: $0) != nil } ?? false
    return .misuse(
      "unknown option \(InputText.quoted(word))",
      hint: isVerbs ? "an option of \(next ?? "") goes behind it;" : nil, usage: usage)
  }

  private static func unknown(_ name: String) -> AegisError {
    .misuse(
      "unknown verb \(InputText.quoted(name))",
      hint: Nearest.question(name, of: Aegisctl.verbs), usage: usage)
  }

  private static func asksForHelp(_ words: [String]) -> Bool {
    words.prefix { $0 != "--" }.contains(where: isForHelp)
  }

  private static func isForHelp(_ word: String) -> Bool {
    ["-h", "--help", "--version"].contains(word)
  }
}
