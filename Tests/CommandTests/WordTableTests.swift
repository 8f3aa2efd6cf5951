import Testing

@testable import TestModel
@testable import aegisctl

/// The table reads words as ArgumentParser does, or leaves them to it.
@Suite(.serialized) struct WordTableTests {
  @Test func hasEveryVerb() {
    #expect(VerbTable.names == Aegisctl.verbs.sorted())
    #expect(VerbTable.names.allSatisfy { VerbTable.verb(named: $0)?.name == $0 })
  }

  /// As the parser describes them.
  @Test(arguments: VerbTable.names)
  func hasEveryWord(of name: String) throws {
    let verb = try #require(VerbTable.verb(named: name))
    let described = Vocabulary(verb)
    let table = Vocabulary(verb.table, of: name, usage: "")
    #expect(table.names == described.names.filter { !["-h", "--help", "--version"].contains($0) })
    #expect(table.positionals.map(\.traits) == described.positionals.map(\.traits))
    for name in table.names { #expect(table[name]?.traits == described[name]?.traits, "\(name)") }
  }

  /// Of these there is none that would be slow.
  @Test func readsEveryGoldenLine() {
    for line in TypedWords.golden {
      #expect(CommandWords.read(line) != nil, "\(line)")
      Reading.check(line)
    }
  }

  @Test func readsAsTheParser() throws {
    let examples = try TypedWords.examples()
    for line in examples + TypedWords.wrong { Reading.check(line) }
    // What the table does not read takes the parser long to find a reason for.
    for line in TypedWords.options where CommandWords.read(line) != nil { Reading.check(line) }
  }

  @Test(arguments: [1, 2])
  func readsMutatedLinesAsTheParser(_ seed: UInt64) throws {
    let lines = try GoldenStep.all.map(\.arguments) + TypedWords.examples() + TypedWords.wrong
    var random = SeededGenerator(seed: seed)
    var read = 0
    for line in lines {
      var line = line
      for _ in 0..<3 {
        line = random.pick(Mutation.allCases).apply(to: line, &random)
        if Reading.check(line) { read += 1 }
      }
    }
    // It is not for nothing.
    #expect(read > 200)
  }
}

/// One line read in both ways.
enum Reading {
  /// - Returns: Whether the table read it.
  @discardableResult
  static func check(_ line: [String]) -> Bool {
    let table = CommandWords.read(line)
    let parsed = try? CommandWords.parse(line)
    // Help is for the parser, and what only it takes: a flag with an equals sign, and `--top=` with no number.
    let isOdd = line.contains { $0.hasSuffix("=") || $0.hasPrefix("--top=") }
    if table == nil, !(parsed is any Verb) || isOdd { return false }
    let (own, wanted) = (text(table as Any), text(parsed as Any))
    if own != wanted { Issue.record("\(line) is read as \(own)\nand parsed as \(wanted)") }
    return table != nil
  }

  /// All that is in it.
  private static func text(_ value: Any) -> String {
    var text = ""
    dump(value, to: &text)
    return text
  }
}

extension Vocabulary.Word {
  fileprivate var traits: String { "\(kind) \(names) \(isRepeating) \(isOptional) \(standsAlone)" }
}
