import Testing

@testable import Aegis

@Suite("Notes")
struct NoteTests {
  @Test(
    "are read as they are",
    arguments: [
      "x", "ticket 4711", " padded ", "Größe \u{1f525}", String(repeating: "x", count: 63),
      String(repeating: "é", count: 31) + "x", "# not a comment", "\"quoted\"",
    ])
  func reads(text: String) throws {
    let note = try Note(text)
    #expect(note.text == text)
    #expect(note.description == text)
    #expect(Note(note.abi) == note)
  }

  @Test(
    "are refused",
    arguments: [
      Malformed("", "is blank, not a note"),
      Malformed(" ", "is blank, not a note"),
      Malformed(" \t\r\n", "is blank, not a note"),
      Malformed("\u{a0}\u{2003}", "is blank, not a note"),
      Malformed(String(repeating: "x", count: 64), "is 64 bytes long; a note has at most 63"),
      Malformed(String(repeating: "é", count: 32), "is 64 bytes long; a note has at most 63"),
      Malformed(String(repeating: "\n", count: 63) + "xy", "is 65 bytes long"),
      Malformed("a\nb", "has a control character or a line break"),
      Malformed("a\r\nb", "has a control character or a line break"),
      Malformed("a\tb", "has a control character or a line break"),
      Malformed("a\0", "has a control character or a line break"),
      Malformed("\u{1b}[31mred", "has a control character or a line break"),
      Malformed("a\u{7f}", "has a control character or a line break"),
      Malformed("a\u{85}b", "has a control character or a line break"),
      Malformed("a\u{2028}b", "has a control character or a line break"),
      Malformed("a\u{2029}b", "has a control character or a line break"),
    ])
  func refuses(malformed: Malformed) {
    let error = malformed.refused { text throws(InputError) in try Note(text) }
    #expect(error?.input == malformed.text)
  }

  @Test(
    "have the FNV-1a of their bytes as id",
    arguments: [
      ("a", 0xe40c_292c), ("b", 0xe70c_2de5), ("foobar", 0xbf9c_f968),
    ] as [(String, UInt32)])
  func ids(text: String, id: UInt32) throws {
    #expect(try Note(text).id == id)
  }

  /// The hash of each of these is 0, by search.
  @Test("never have the id of no note", arguments: ["fxdsatwp", "rimnbqqy", "taribqvl"])
  func zero(text: String) throws {
    #expect(try Note(text).id == 1)
  }

  @Test("are the same when their bytes are, not when they look it")
  func bytes() throws {
    let composed = try Note("caf\u{e9}")
    let decomposed = try Note("cafe\u{301}")
    #expect(composed.text == decomposed.text)
    #expect(composed != decomposed)
    #expect(composed.id != decomposed.id)
    #expect(Set([composed, decomposed, composed]).count == 2)
  }
}
