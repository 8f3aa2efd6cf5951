import Foundation
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"), .loaded)
struct BadListTests {
  @Test(arguments: BadList.all)
  func fileIsRefused(_ bad: BadList) throws {
    try TemporaryDirectory.with { directory in
      let file = try directory.file("list", bad.contents)
      let messages = bad.messages.enumerated().map { $0 == 0 ? "\(file):\($1)" : $1 }
      try check(["drop-ip", "-f", file, "--strict"], messages)
    }
  }

  @Test(arguments: BadList.all.filter { String(data: $0.contents, encoding: .utf8) != nil })
  func standardInputIsRefused(_ bad: BadList) throws {
    let messages = bad.messages.enumerated().map { $0 == 0 ? "standard input:\($1)" : $1 }
    let text = String(decoding: bad.contents, as: UTF8.self)
    try check(["drop-ip", "192.0.2.77", "--strict", "--file", "-"], messages, input: text)
  }

  @Test func argumentsAndLinesAreReportedTogether() throws {
    try check(["drop-ip", "x0", "-f", "-"], ["\"x0\"", "standard input:2: \"x2\""], input: "\nx2")
  }

  @Test func onlyWhatIsWrongIsLeftOut() throws {
    let instance = Loaded.instance
    let list = "192.0.2.1\nnonsense\n192.0.2.0/33\n198.51.100.0/24 ; fine\n"
    let outcome = try instance.run(["drop-ip", "-f", "-"], input: list)
    defer { _ = try? instance.run(["drop-ip", "--remove", "192.0.2.1", "198.51.100.0/24"]) }
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("standard input:2: \"nonsense\""))
    #expect(outcome.error.contains("standard input:3: \"192.0.2.0/33\""))
    #expect(outcome.error.contains("the other 2 were taken"))
    #expect(
      outcome.output
        == "192.0.2.1        added  never expires\n198.51.100.0/24  added  never expires\n")
    let names = try instance.run(["dump", "drops", "-o", "name"]).output
    #expect(names == "192.0.2.1\n198.51.100.0/24\n")
  }

  @Test(arguments: ["", "# nothing\n", "192.0.2.1\nnonsense\n", "<html>\n"])
  func noListIsReplacedByAPartOfOne(_ contents: String) throws {
    let outcome = try refused(["drop-ip", "--replace-all", "-f", "-"], input: contents)
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("standard input"))
  }

  @Test func missingFile() throws {
    try check(
      ["drop-ip", "-f", "/nonexistent/list"], ["cannot read /nonexistent/list: No such file"])
    try check(["drop-ip", "-f", ""], ["cannot read"])
    try check(["drop-ip", "192.0.2.1", "-f", "/no\u{1b}[31m"], ["cannot read /no\\u001b[31m"])
  }

  @Test func directory() throws {
    try check(["allow-key", "-f", "/tmp"], ["cannot read /tmp: Is a directory"])
  }

  @Test func unreadableFile() throws {
    try check(["allow-key", "-f", "/proc/self/mem"], ["cannot read /proc/self/mem: "])
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "\r\n", "\u{feff}"])
  func nothingInAListIsNothingToDo(_ contents: String) throws {
    let instance = Loaded.instance
    for verb in ["drop-ip", "allow-key"] {
      let outcome = try instance.run([verb, "-f", "-", "-o", "json"], input: contents)
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.output.contains(#""changed" : false"#))
    }
  }

  @Test func fullMapKeepsNothing() throws {
    let list = (1...65).map { "198.51.100.\($0)\n" }.joined()
    let outcome = try refused(["drop-ip", "203.0.113.0/24", "-f", "-"], input: list)
    Refusal.check(outcome, 1, "the capacity is 64 IPv4 entries")
  }

  private func check(_ arguments: [String], _ messages: [String], input: String = "") throws {
    let outcome = try refused(arguments, input: input)
    Refusal.check(outcome, 65, messages[0])
    var rest = outcome.error[...]
    for message in messages {
      let range = rest.range(of: message)
      #expect(range != nil, "\(message) in \(outcome.error)")
      rest = rest[(range?.upperBound ?? rest.endIndex)...]
    }
    #expect(outcome.error.split(separator: "\n").count { $0.hasPrefix("aegisctl: ") } <= 21)
  }

  private func refused(_ arguments: [String], input: String) throws -> Outcome {
    let instance = Loaded.instance
    let before = try instance.run(["dump", "-o", "json"]).output
    let outcome = try instance.run(arguments, input: input)
    #expect(try instance.run(["dump", "-o", "json"]).output == before)
    return outcome
  }
}
