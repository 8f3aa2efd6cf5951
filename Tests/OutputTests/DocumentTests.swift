import Testing

@testable import aegisctl

@Suite struct DocumentTests {
  @Test func anEmptyListIsAList() throws {
    #expect(
      try JSONText.compact(EntryReport(entries: []).object)
        == #"{"apiVersion":"aegis/v1","items":[],"kind":"DropList"}"#)
  }

  @Test func jsonKeepsSlashesAndEscapesWhatIsUnprintable() throws {
    #expect(
      try JSONText.pretty(["a/b\u{9b}\u{7f}\"\\\n\u{2029}🛡é"])
        == "[\n  \"a/b\\u009b\\u007f\\\"\\\\\\n\\u2029🛡é\"\n]\n")
  }
}
