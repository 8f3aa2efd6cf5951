import TestSupport
import Testing

/// IPv4 addresses in the form that an IPv6 socket gives them.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"), .loaded)
struct MappedAddressTests {
  private static let policy = """
    apiVersion: aegis/v1
    kind: Policy
    spec: {drops: ["::ffff:0:0/96"]}

    """
  private static let nft = """
    {"nftables": [{"set": {"family": "inet", "table": "t", "name": "bogons", "type": "ipv6_addr",
    "elem": [{"prefix": {"addr": "::ffff:0.0.0.0", "len": 96}}]}}]}
    """

  @Test(arguments: [
    ["drop-ip", "-f", "-"], ["drop-ip", "-f", "-", "--replace-all"], ["allow-key", "-f", "-"],
    ["apply", "-f", "-"],
  ])
  func aPrefixOfThemIsRefused(_ arguments: [String]) throws {
    let texts =
      arguments[0] == "apply"
      ? [Self.policy] : ["# RFC 6890\n::ffff:0:0/96\n", Self.nft]
    for text in texts {
      let outcome = try Loaded.instance.run(arguments, input: text)
      Refusal.check(outcome, 65, "if you mean IPv4, write 0.0.0.0/0")
    }
    let dump = try Loaded.instance.run(["dump", "-o", "name"]).output
    #expect(dump == "")
  }

  @Test func aHostIsIPv4AndNoted() throws {
    try Loaded.fresh { instance in
      let list = "192.0.2.1\n::ffff:192.0.2.2\n"
      let outcome = try instance.run(["drop-ip", "::ffff:192.0.2.3", "-f", "-"], input: list)
      #expect(outcome.status == 0)
      #expect(
        outcome.error == """
          note: "::ffff:192.0.2.3": read as the IPv4 address 192.0.2.3
          note: standard input:2: "::ffff:192.0.2.2": read as the IPv4 address 192.0.2.2

          """)
      let names = try instance.run(["dump", "drops", "-o", "name"]).output
      #expect(names == "192.0.2.1\n192.0.2.2\n192.0.2.3\n")
      let why = try instance.run(["why", "::ffff:192.0.2.2"])
      #expect(why.output.contains("drop.host"))
      #expect(why.error.contains("read as the IPv4 address 192.0.2.2"))
      let many = try instance.run(
        ["drop-ip", "--remove", "-f", "-"],
        input: (1...30).map { "::ffff:192.0.2.\($0)\n" }.joined())
      #expect(many.status == 0)
      #expect(many.error.split(separator: "\n").count == 21)
      #expect(many.error.hasSuffix("note: and 10 more\n"))
    }
  }

  @Test func aListOfKeysTakesWhatAnEarlierVersionWrote() throws {
    try Loaded.fresh { instance in
      let outcome = try instance.run(["allow-key", "-f", "-"], input: "2001:db8::1:22/tcp\n")
      #expect(outcome.status == 0)
      #expect(
        outcome.error == """
          note: standard input:1: "2001:db8::1:22/tcp": read as the address in \
          [2001:db8::1:22]/tcp, without a port

          """)
      #expect(try instance.run(["dump", "keys", "-o", "name"]).output == "[2001:db8::1:22]/tcp\n")
    }
  }
}
