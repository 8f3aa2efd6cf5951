import Testing

@testable import aegisctl

@Suite struct TableTests {
  @Test func alignsByWhatTheTerminalShows() {
    let table = Table(
      ["Note", .right("Bytes"), "State"],
      rows: [
        ["é", "1", "ok"], ["e\u{301}", "22", "ok"], ["日本", "333", "ok"], ["🛡\u{fe0f}x", "4", "ok"],
        ["🇩🇪", "5", "ok"], ["👍", "6", "ok"],
      ])
    #expect(
      table.text == """
        NOTE  BYTES  STATE
        é         1  ok
        e\u{301}        22  ok
        日本    333  ok
        🛡\u{fe0f}x        4  ok
        🇩🇪        5  ok
        👍        6  ok

        """)
  }

  @Test func endsNoLineInBlanks() {
    let table = Table(
      ["A", .right("B"), "C", .right("D")],
      rows: [["1", "", "", ""], ["", "", "longer", ""], ["", "", "", "4444"], ["", "", "", ""]])
    #expect(
      table.text == """
        A  B  C          D
        1
              longer
                      4444


        """)
  }

  @Test func needsNoTitles() {
    let table = Table(["", ""], rows: [["pin root:", "/sys/fs/bpf/aegis"], ["since:", "1h"]])
    #expect(table.text == "pin root:  /sys/fs/bpf/aegis\nsince:     1h\n")
  }

  @Test func joinsSections() {
    let one = Table(["Interface"], rows: [["eth0"]])
    let two = Table(["Reason", .right("Packets")], rows: [["malformed", "7"]])
    let table = Table(joining: [(nil, one), ("Counters", two)])
    #expect(table.text == "INTERFACE\neth0\n\nCounters\nREASON     PACKETS\nmalformed        7\n")
    let nested = Table(joining: [("All", table), (nil, one)])
    #expect(nested.text == "All\n" + table.text + "\n" + one.text)
  }

  @Test func escapesControls() {
    let table = Table(["Note", "X"], rows: [["a\nb\t\u{1b}[31m\u{202e}", "y"]])
    #expect(
      table.text == """
        NOTE                            X
        a\\u000ab\\u0009\\u001b[31m\\u202e  y

        """)
  }
}
