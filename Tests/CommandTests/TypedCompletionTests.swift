import TestSupport
import Testing

/// In the real shells, where a word with a colon is more than one word to bash, and a word with its description
/// to zsh.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"), .loaded)
struct TypedCompletionTests {
  static let lines = [
    ("drop-ip --remove 2001:db8:", "drop-ip --remove 2001:db8:bad::/48"),
    ("drop-ip --remove 2001:db8:b", "drop-ip --remove 2001:db8:bad::/48"),
    ("drop-ip --remove 2001:", "drop-ip --remove 2001:db8:bad::/48"),
    ("drop-ip --remove 203", "drop-ip --remove 203.0.113.7"),
    ("drop-ip --remove fe", "drop-ip --remove fec0::1"),
    ("allow-key --remove any:", "allow-key --remove any:53/udp"),
    ("allow-key --remove 203.0.113.7:2", "allow-key --remove 203.0.113.7:22/tcp"),
    ("allow-key --remove \\[20", "allow-key --remove [2001:db8::5]:443/tcp"),
    ("allow-key --remove \\[2001\\:db8:", "allow-key --remove [2001:db8::5]:443/tcp"),
    ("drop-ip 192.0.2.1 --remove fec0:", "drop-ip 192.0.2.1 --remove fec0::1"),
    ("compl", "completion"), ("completion z", "completion zsh"),
    ("status --outp", "status --output"), ("help dro", "help drop-ip"),
    ("help comp", "help completion"),
  ]

  @Test(arguments: TypedLine.shells, lines)
  func completes(_ shell: String, _ line: (typed: String, completed: String)) throws {
    let instance = Loaded.instance
    try instance.run(["drop-ip", "2001:db8:bad::/48", "203.0.113.7", "fec0::1"])
    try instance.run(["allow-key", "any:53/udp", "203.0.113.7:22/tcp", "[2001:db8::5]:443/tcp"])
    let completed = try TypedLine.afterTab("aegisctl " + line.typed, in: shell, instance)
    #expect(completed == "aegisctl " + line.completed)
  }

  @Test(arguments: TypedLine.shells)
  func optionsBeforeTheVerb(_ shell: String) throws {
    let instance = Loaded.instance
    try instance.run(["drop-ip", "fec0::1"])
    let words = "aegisctl --pin-root \(instance.root) drop-ip --remove fec0"
    #expect(try TypedLine.afterTab(words, in: shell, Aegisctl()) == words + "::1")
  }

  @Test(.enabled(if: Tool.isExpected("bash"))) func valueInTheSameWord() throws {
    let line = try TypedLine.afterTab("aegisctl status --output=js", in: "bash", Loaded.instance)
    #expect(line == "aegisctl status --output=json")
  }
}
