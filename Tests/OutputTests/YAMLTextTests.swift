import Testing

@testable import aegisctl

@Suite struct YAMLTextTests {
  @Test(arguments: [
    "a", "aegis/v1", "192.0.2.1", "192.0.2.0/24", "2001:db8::1", "10.0.0.0/8", "443/tcp", "100/s",
    "10s", "/sys/fs/bpf", "_x", "a, b", "a b", "a:b", "a#b", "it's", "say \"x\"", "C:\\d",
    "nullable", "é ä", "日本", "e\u{301}",
  ]) func leavesPlain(text: String) throws {
    #expect(try yaml(text) == "- \(text)\n")
  }

  @Test(arguments: [
    "", "null", "Null", "~", "true", "FALSE", "yes", "No", "on", "OFF", "y", "N", "=", "<<",
    "1", "-1", "+1", "0", "007", "1_000", "1,000", "0x1f", "0o17", "0b11", "0x", "1.5", ".5", "5.",
    "1e3", "1.5e+3", "12e03", ".inf", "-.inf", ".nan", "12:30:45", "1:2:3:4:5:6:7:8",
    "190:20:30.15", "2001-01-01",
    "2001-1-1 1:2:3", "2001-01-01T00:00:00Z", "-", "- a", "---", "...", "a: b", "a:",
    "2001:db8::", "::1", ": a", "#x", "a #b", " a", "a ", "\u{301}a", "?", "? a", "!t", "&a", "*a",
    "|", "> x", "%d", "@x", "`x", "[a]", "{a}", "'q'", ":\u{301}", "a: \u{301}",
  ]) func quotes(text: String) throws {
    #expect(try yaml(text) == "- \"\(text)\"\n")
  }

  @Test(arguments: [
    ("a\nb", #"a\nb"#), ("\t", #"\t"#), ("\"", #"\""#), ("\\", #"\\"#), ("\0", #"\0"#),
    ("\u{1b}[m", #"\e[m"#), ("\u{7f}", #"\x7F"#), ("\u{85}", #"\N"#), ("\u{2028}", #"\L"#),
    ("a\u{a0}b", "a\u{a0}b"), ("\u{feff}", #"\uFEFF"#), ("\u{ffff}", #"\uFFFF"#),
    ("a\u{202e}", #"a\u202e"#), ("🛡", #"\U0001F6E1"#),
  ]) func escapes(text: String, escaped: String) throws {
    #expect(try yaml(text) == "- \"\(escaped)\"\n")
  }

  @Test(arguments: [
    ("0", "0"), ("-1", "-1"), ("18446744073709551615", "18446744073709551615"), ("1.5", "1.5"),
    ("true", "true"), ("false", "false"), ("null", "null"), ("1e+20", "1.0e+20"),
    ("5e-324", "5.0e-324"), ("1E5", "1.0e+5"), ("1.5e30", "1.5e+30"),
  ]) func leavesValuesPlain(json: String, yaml: String) throws {
    #expect(try YAMLText.text(ofJSON: "{\"v\":\(json)}") == "v: \(yaml)\n")
  }

  @Test func nests() throws {
    let json = #"{"a":{},"b":[],"c":[[1,[2]],{"d":[{"e":null}]}],"no":{"x y":"a:"}}"#
    #expect(
      try YAMLText.text(ofJSON: json) == """
        a: {}
        b: []
        c:
        - - 1
          - - 2
        - d:
          - e: null
        "no":
          x y: "a:"

        """)
  }

  @Test func doesNotFold() throws {
    let long = String(repeating: "word ", count: 200) + "end"
    #expect(try yaml(long) == "- \(long)\n")
    #expect(try yaml(long + "\n") == "- \"\(long)\\n\"\n")
  }

  @Test(arguments: ["{", "[1", "\"", "\"\\ud800\"", "]"]) func refusesWhatIsNotJSON(text: String) {
    #expect(throws: YAMLError.self) { try YAMLText.text(ofJSON: text) }
  }

  private func yaml(_ text: String) throws -> String {
    try YAMLText.text(ofJSON: JSONText.compact([text]))
  }
}
