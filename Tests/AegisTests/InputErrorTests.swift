import Testing

@testable import Aegis

@Suite("Input errors")
struct InputErrorTests {
  @Test(
    "show what was read without what could steer a terminal",
    arguments: [
      ("10.0.0.1/8", "10.0.0.1/8"),
      ("", ""),
      ("Größe 火", "Größe 火"),
      ("a b", "a b"),
      ("a\u{a0}b", "a\\u{a0}b"),
      ("\u{1b}[31m", "\\u{1b}[31m"),
      ("a\r\nb\tc\0", "a\\u{d}\\u{a}b\\u{9}c\\u{0}"),
      ("\u{9b}1m\u{7f}", "\\u{9b}1m\\u{7f}"),
      ("\u{202e}cba\u{2066}", "\\u{202e}cba\\u{2066}"),
      ("\u{200b}\u{feff}", "\\u{200b}\\u{feff}"),
      ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
      ("\u{e000}\u{10ffff}", "\\u{e000}\\u{10ffff}"),
    ])
  func shows(input: String, shown: String) {
    let error = InputError(input: input, problem: "is wrong")
    #expect(error.description == "\"\(shown)\": is wrong")
    #expect(error.input == input)
  }

  @Test("show 80 scalars and cut off the rest", arguments: [0, 79, 80, 81, 100_000])
  func cut(count: Int) {
    let error = InputError(input: String(repeating: "x", count: count), problem: "is long")
    let shown = String(repeating: "x", count: min(count, 80)) + (count > 80 ? "…" : "")
    #expect(error.description == "\"\(shown)\": is long")
  }

  @Test("count scalars, not the characters that any number of them make")
  func scalars() {
    let error = InputError(
      input: "e" + String(repeating: "\u{301}", count: 1000), problem: "is long")
    #expect(error.description.unicodeScalars.count == 80 + "\"…\": is long".unicodeScalars.count)
  }

  @Test("do not repeat the hint")
  func hints() {
    let error = InputError("x", "is wrong", hint: "write y")
    #expect(error.description == "\"x\": is wrong")
    #expect(error.hint == "write y")
    #expect(InputError("x", "is wrong").hint == nil)
  }

  @Test("are equal when all of them is")
  func equality() {
    let error = InputError(input: "x", problem: "is wrong", hint: "write y")
    #expect(error == InputError("x"[...], "is wrong", hint: "write y"))
    #expect(error != InputError("z", "is wrong", hint: "write y"))
    #expect(error != InputError("x", "is bad", hint: "write y"))
    #expect(error != InputError("x", "is wrong"))
  }

  @Test("name the part that is wrong, or the whole")
  func parts() {
    #expect(Self.input { () throws(InputError) in try AllowKey("any:70000/tcp") } == "70000")
    #expect(Self.input { () throws(InputError) in try AllowKey("any/tpc") } == "tpc")
    #expect(Self.input { () throws(InputError) in try AllowKey("10.0.0.1/8:80") } == "10.0.0.1/8")
    #expect(Self.input { () throws(InputError) in try AllowKey("any:1/icmp") } == "any:1/icmp")
    #expect(Self.input { () throws(InputError) in try Prefix("10.0.0/8") } == "10.0.0")
    #expect(Self.input { () throws(InputError) in try Prefix("10.0.0.0/40") } == "10.0.0.0/40")
  }

  private static func input<Value>(_ parse: () throws(InputError) -> Value) -> String? {
    do throws(InputError) {
      _ = try parse()
      return nil
    } catch {
      return error.input
    }
  }
}
