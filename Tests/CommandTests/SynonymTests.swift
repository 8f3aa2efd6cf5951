import Testing

@testable import aegisctl

/// What is suggested for verbs of other programs.
@Suite struct SynonymTests {
  @Test func noVerbOfOurs() {
    #expect(Set(Synonyms.commands.keys).isDisjoint(with: Aegisctl.verbs))
  }

  /// With values in place of the words in capitals.
  @Test(arguments: Synonyms.commands.keys.sorted())
  func everyCommandIsOne(_ word: String) throws {
    let text = try #require(Synonyms.commands[word])
      .replacing("ADDRESS", with: "192.0.2.1").replacing("KEY", with: "any:1/tcp")
      .replacing("INTERFACE", with: "eth0").replacing("FILE", with: "state.yaml")
    let commands = text.split(separator: "aegisctl ").map { part in
      part.split(separator: " ").map { $0.filter { $0 != "," && $0 != "|" } }
        .filter { !["", "or", "then"].contains($0) }
    }
    #expect(!commands.isEmpty)
    for command in commands { #expect(CommandWords.read(command) != nil, "\(command)") }
  }
}
