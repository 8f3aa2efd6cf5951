import Testing

@testable import aegisctl

@Suite struct DocumentTests {
  @Test func aSingleObjectIsFlat() throws {
    let object = FlatDocument(kind: "Drop", item: Entry.samples[1])
    #expect(
      try JSONText.compact(object)
        == #"{"apiVersion":"aegis/v1","kind":"Drop","packets":1000000,"ports":[],"#
        + #""prefix":"2001:db8::1"}"#)
  }

  @Test func anEmptyListIsAList() throws {
    #expect(
      try JSONText.compact(Document<Entry>(kind: "DropList", items: []))
        == #"{"apiVersion":"aegis/v1","items":[],"kind":"DropList"}"#)
  }

  @Test func jsonKeepsSlashesAndEscapesWhatIsUnprintable() throws {
    #expect(
      try JSONText.pretty(["a/b\u{9b}\u{7f}\"\\\n\u{2029}🛡é"])
        == "[\n  \"a/b\\u009b\\u007f\\\"\\\\\\n\\u2029🛡é\"\n]\n")
  }
}
