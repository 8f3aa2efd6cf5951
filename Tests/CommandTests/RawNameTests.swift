import TestSupport
import Testing

/// The kernel's names of interfaces are bytes; these are no UTF-8.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct RawNameTests {
  /// What a shell makes into the name, and how it is shown.
  private static let spellings = [#"$(printf '\377\376')"#, #"\xff\xfe"#, #"\xFF\xFE"#]
  private static let shown = #"\xff\xfe"#

  @Test(arguments: spellings)
  func everyVerbKnowsIt(_ spelling: String) throws {
    try with { instance, namespace in
      func run(_ words: String) throws -> String {
        let outcome = try call(instance, words, spelling, namespace)
        #expect(outcome.status == 0, "\(words): \(outcome.error)")
        return outcome.output
      }
      #expect(try run("attach") == #"\xff\xfe  attached  native"# + "\n")
      #expect(try run("attach") == #"\xff\xfe  unchanged  native"# + "\n")
      #expect(try instance.run(["status"], namespace: namespace).output.contains(Self.shown))
      #expect(try run("stats").contains(Self.shown))
      #expect(try run("why 192.0.2.1 --interface").contains("pass.default"))
      #expect(try run("latency --for 100ms").contains(#" on \xff\xfe "#))
      #expect(try run("doctor -o wide").contains(Self.shown))
      _ = try run("events --for 100ms")
      #expect(try run("detach") == #"\xff\xfe  detached"# + "\n")
      #expect(try run("detach") == #"\xff\xfe  unchanged"# + "\n")
    }
  }

  /// The counters keep the name when nobody can be asked for it any more.
  @Test func itIsKnownWhenItIsGone() throws {
    try with { instance, namespace in
      #expect(try call(instance, "attach", Self.shown, namespace).status == 0)
      try Command(["ip", "-n", namespace, "link", "del", "q1"]).succeed()
      let status = try instance.run(["status"], namespace: namespace)
      #expect(status.output.contains(#"LOST            \xff\xfe, until"#), "\(status.output)")
      let outcome = try call(instance, "detach", Self.shown, namespace)
      #expect(outcome.output == #"\xff\xfe  detached"# + "\n", "\(outcome.error)")
    }
  }

  @Test func errorsNameWhatIsTaken() throws {
    try with { instance, namespace in
      let other = try call(instance, "attach", #"$(printf '\377')"#, namespace)
      Refusal.check(other, 69, #"there is no interface \xff in"#)
      #expect(other.error.contains(#"there are: \xff\xfe, q1"#))
      let idle = try call(instance, "stats", Self.shown, namespace)
      #expect(idle.error.contains(#"hint: aegisctl attach "$(printf '\377\376')""#))
    }
  }

  /// A backslash may be in a name, too, and alternative names are bytes as well.
  @Test func namesThatLookEscaped() throws {
    try with { instance, namespace in
      let ip = ["ip", "-n", namespace, "link"]
      try Command(ip + ["add", #"a\x41"#, "type", "veth", "peer", "name", "aA"]).succeed()
      try Command(ip + ["property", "add", "dev", "aA", "altname", #"b\xff"#]).succeed()
      for (typed, own) in [(#"a\x5cx41"#, #"a\x5cx41"#), (#"a\x41"#, "aA"), (#"b\xff"#, "aA")] {
        let outcome = try instance.run(["doctor", typed, "-o", "wide"], namespace: namespace)
        #expect(outcome.output.contains(" \(own) "), "\(typed): \(outcome.output)")
      }
    }
  }

  /// `ip netns exec` mounts the `/sys` that shows the interface.
  @Test func tuneFindsItsQueues() throws {
    try with { instance, namespace in
      let spelling = Self.spellings[0]
      let tool = BuiltBinary.path("aegisctl")
      let outcome = try Command([
        "ip", "netns", "exec", namespace, "sh", "-c",
        "\(tool) tune --cpu 0 \"\(spelling)\"",
      ]).run()
      #expect(outcome.status == 0, "\(outcome.error)")
      let undo = outcome.output.split(separator: "\n").filter { $0.hasPrefix("echo ") }
      #expect(!undo.isEmpty, "\(outcome.output)")
      for line in undo {
        #expect(line.contains(#""$(printf '/sys/class/net/\377\376/queues/"#))
        try Command(["ip", "netns", "exec", namespace, "sh", "-c", String(line)]).succeed()
      }
    }
  }

  /// - Parameter spelling: Part of a shell's double-quoted word.
  private func call(
    _ instance: Aegisctl, _ words: String, _ spelling: String, _ namespace: String
  ) throws -> Outcome {
    let tool = BuiltBinary.path("aegisctl")
    return try Command(
      ["sh", "-c", "\(tool) \(words) \"\(spelling)\""],
      environment: ["AEGIS_PIN_ROOT": instance.root, "SSH_CONNECTION": nil], namespace: namespace
    ).run()
  }

  private func with(_ body: (Aegisctl, String) throws -> Void) throws {
    try OwnNamespace.with { namespace in
      let ip = ["ip", "-n", namespace, "link"]
      try Command(ip + ["add", "q0", "type", "veth", "peer", "name", "q1"]).succeed()
      let rename = #"exec ip -n "$0" link set q0 name "$(printf '\377\376')" up"#
      try Command(["sh", "-c", rename, namespace]).succeed()
      try Command(ip + ["set", "q1", "up"]).succeed()
      try Loaded.fresh { try body($0, namespace) }
    }
  }
}
