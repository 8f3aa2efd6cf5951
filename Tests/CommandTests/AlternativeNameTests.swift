import TestSupport
import Testing

/// An interface may have more names than its own, of up to 127 bytes: `ip link property add altname`.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct AlternativeNameTests {
  static let long = "wan-" + String(repeating: "x", count: 123)

  @Test(arguments: ["wan7", "wan-very-long-altname-7", long])
  func everyVerbKnowsIt(_ name: String) throws {
    try with(name) { instance, namespace in
      func run(_ words: String...) throws -> Outcome {
        let outcome = try instance.run(words, namespace: namespace)
        #expect(outcome.status == 0, "\(words): \(outcome.error)")
        return outcome
      }
      #expect(try run("attach", name, "q0").output == "q0  attached  native\n")
      #expect(try run("attach", name).output == "q0  unchanged  native\n")
      #expect(
        try run("stats", name, "-o", "json").json["items"].first("interface", "q0").isNull == false)
      _ = try run("why", "192.0.2.1", "--interface", name)
      _ = try run("events", name, "--for", "100ms")
      #expect(try run("latency", name, "--for", "100ms").output.contains(" on q0 "))
      #expect(try run("detach", name).output == "q0  detached\n")
      #expect(try run("detach", name).output == "q0  unchanged\n")
      let links = try Command(["ip", "-n", namespace, "-d", "link", "show", "q0"]).succeed()
      #expect(!links.contains("prog/xdp"))
      #expect(try run("doctor", name, "-o", "wide").output.contains("q0"))
    }
  }

  @Test func whatHasNoSuchNameIsNoInterface() throws {
    try with("wan7") { instance, namespace in
      for name in ["wan", "wan77", "wan7 ", Self.long, Self.long + "x", ""] {
        for verb in ["attach", "detach", "doctor"] {
          let outcome = try instance.run([verb, name, "-q"], namespace: namespace)
          Refusal.check(outcome, 69, "there is no interface")
        }
      }
    }
  }

  private func with(_ name: String, _ body: (Aegisctl, String) throws -> Void) throws {
    try OwnNamespace.with { namespace in
      let ip = ["ip", "-n", namespace, "link"]
      try Command(ip + ["add", "q0", "type", "veth", "peer", "name", "q1"]).succeed()
      try Command(ip + ["set", "q0", "up"]).succeed()
      try Command(ip + ["property", "add", "dev", "q0", "altname", name]).succeed()
      try Loaded.fresh { try body($0, namespace) }
    }
  }
}
