import TestSupport
import Testing

extension Kernel {
  /// Addresses that end unless a DHCP server renews them.
  struct GuardLeaseTests {
    private static let v4 = "addr add 203.0.113.50/24 dev IFACE valid_lft 3600 preferred_lft 3600"
    private static let v6 =
      "addr add 2001:db8:5::50/128 dev IFACE valid_lft 3600 preferred_lft 3600 nodad"
    private static let keyV4 = "any:68/udp"
    private static let keyV6 = "[fe80::/10]:546/udp"

    /// One that has let in the session and the name server, under deny or not.
    private func host(_ lines: [String], attached: Bool = true) throws -> GuardedHost {
      let host = try GuardedHost(attached: attached, connected: [])
      try host.live.sandbox.ip(
        in: .host, lines.map { $0.replacing("IFACE", with: host.live.interface) })
      let keys = ["192.0.2.9:22/tcp", "198.51.100.53/udp"]
      #expect(try host.run(["allow-key"] + keys).status == 0)
      return host
    }

    @Test(arguments: [(v4, keyV4, "203.0.113.50"), (v6, keyV6, "2001:db8:5::50")])
    func denyNeedsTheKeyForTheRenewal(_ line: String, key: String, address: String) throws {
      let host = try host([line])
      let outcome = try host.run(["set-default", "deny"])
      #expect(outcome.status == 79)
      let word = key.hasPrefix("[") ? "'\(key)'" : key
      let text =
        "cut off the lease of \(address) (no key allows the answers that renew it)\n"
        + "hint: aegisctl allow-key \(word), or --force\n"
      #expect(outcome.error.hasSuffix(text), "\(outcome.error)")
      #expect(try host.run(["allow-key", key]).status == 0)
      #expect(try host.run(["set-default", "deny"]).status == 0)
      #expect(try host.run(["allow-key", "--remove", key]).status == 79)
      #expect(try host.run(["allow-key", "--remove", key, "--force"]).status == 0)
    }

    @Test(
      arguments: [
        ("203.0.113.1:68/udp", true), ("0.0.0.0/0/udp", true), ("203.0.113.0/24", true),
        ("203.0.113.0/25", false), ("any:67/udp", false), ("any:68/tcp", false), ("any:68", true),
        ("203.0.113.1/udp", false), ("::/0", false),
      ])
    func aKeyThatMeansItOrEverybodyWillDo(_ key: String, isEnough: Bool) throws {
      let host = try host([Self.v4])
      #expect(try host.run(["allow-key", key]).status == 0)
      #expect(try host.run(["set-default", "deny"]).status == (isEnough ? 0 : 79))
    }

    @Test func theDatapathLetsTheAnswerInByThatKey() throws {
      let host = try host([Self.v4])
      func verdict() throws -> String {
        try host.run(["why", "203.0.113.1:67", "to", "68/udp", "-o", "name"]).output
      }
      #expect(try host.run(["set-default", "deny", "--force"]).status == 0)
      #expect(try verdict() == "drop.default\n")
      #expect(try host.run(["allow-key", Self.keyV4]).status == 0)
      #expect(try verdict() == "pass.key\n")
    }

    @Test(
      arguments: [
        // For good; by router advertisements, as the kernel and as daemons put it; elsewhere.
        ["addr add 203.0.113.50/24 dev IFACE"],
        ["addr add 2001:db8:5::50/64 dev IFACE valid_lft 3600 preferred_lft 3600 nodad mngtmpaddr"],
        [
          "addr add 2001:db8:5::50/64 dev IFACE valid_lft 3600 preferred_lft 3600 nodad"
            + " noprefixroute", "-6 route add 2001:db8:5::/64 dev IFACE proto ra",
        ],
        [
          "link add aside0 type veth peer name aside1",
          "addr add 203.0.113.50/24 dev aside0 valid_lft 3600 preferred_lft 3600",
        ],
      ])
    func othersNeedNone(_ lines: [String]) throws {
      let host = try GuardedHost(connected: [])
      for line in lines {
        let words = line.replacing("IFACE", with: host.live.interface).split(separator: " ")
        let outcome = try host.live.sandbox.run(in: .host, ["ip"] + words.map(String.init))
        try #require(outcome.status == 0, "\(outcome)")
      }
      #expect(try host.run(["allow-key", "any:22/tcp", "198.51.100.53/udp"]).status == 0)
      let outcome = try host.run(["set-default", "deny"])
      #expect(outcome.status == 0, "\(outcome)")
    }

    @Test func attachIsRefusedAndApplySaysSoBefore() throws {
      let host = try host([Self.v4], attached: false)
      let policy = "{apiVersion: aegis/v1, kind: Policy, spec: {default: deny}}"
      let warning =
        "warning: nothing is attached yet, and attach will be refused: this would cut "
        + "off the lease of 203.0.113.50 (no key allows the answers that renew it)\n"
        + "hint: add under keys: - 'any:68/udp', or --force\n"
      // Also what is in place already.
      for _ in 0..<2 {
        let applied = try host.run(["apply", "-f", "-"], input: policy)
        #expect(applied.status == 0 && applied.error == warning, "\(applied)")
      }
      #expect(try host.run(["attach", host.live.interface]).status == 79)
      #expect(try host.run(["allow-key", Self.keyV4]).status == 0)
      #expect(try host.run(["apply", "-f", "-"], input: policy).error == "")
      #expect(try host.run(["attach", host.live.interface]).status == 0)
    }

    @Test func applyIsRefusedWhereItIsAttached() throws {
      let host = try host([Self.v4])
      let policy = "{apiVersion: aegis/v1, kind: Policy, spec: {default: deny}}"
      #expect(try host.run(["apply", "-f", "-"], input: policy).status == 79)
    }
  }
}
