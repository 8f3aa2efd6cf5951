import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What would make a wire less than it seems, and Host documents that change wires.
  struct GatewayChecksTests {
    /// Attaching is refused, and is not after the command that the message names was run as it is.
    private func refuses(
      _ live: GatewayLive, _ message: String, _ options: [String] = [],
      until changes: [String] = [],
      at location: SourceLocation = #_sourceLocation
    ) throws {
      // The guard asks the same of routes to this machine's name servers.
      let words = ["attach", live.left.port, "--wire", live.right.port, "--force"] + options
      let outcome = try live.run(words + ["-o", "json"])
      guard outcome.status != 0 else {
        Issue.record("not refused: \(message)", sourceLocation: location)
        return
      }
      let error = try JSON(parsing: outcome.error)
      let said = error["message"].string ?? "\(outcome)"
      #expect(outcome.status == 1 && said.contains(message), "\(outcome)", sourceLocation: location)
      let fix = error["hint"].string ?? ""
      try live.gateway.run(in: live.gateway.gate, ["sh", "-ec", fix])
      let again = try live.run(words)
      #expect(again.status == 0, "\(fix): \(again)", sourceLocation: location)
      try live.ok(["detach", live.left.port])
    }

    @Test(
      "an open wire needs a bridge that joins its ports and nothing else, and forwards everything")
    func bridge() throws {
      let live = try GatewayLive(bridged: true)
      let (left, bridge) = (live.left.port, live.gateway.bridge)
      let open = ["--if-detached", "open"]
      func make(_ command: String) throws {
        try live.gateway.run(
          in: live.gateway.gate, command.split(separator: " ").map(String.init))
      }
      try live.attach(open)
      try live.ok(["detach", left])
      for (change, message) in [
        ("ip link add vc0 master \(bridge) type veth peer name vc1", "vc0 is a port of the bridge"),
        ("ip link set \(bridge) down", "\(bridge) is down"),
        ("bridge link set dev \(left) state 0", "\(left) is not in the forwarding state"),
        ("bridge link set dev \(left) isolated on", "\(left) is isolated"),
        ("bridge link set dev \(left) flood off", "\(left) gets no frames"),
        ("ip link set \(bridge) type bridge stp_state 1", "does not forward every frame"),
      ] {
        try make(change)
        try refuses(live, message, open)
      }
      // What crosses by the bridge now is what crossed by the wire.
      #expect(try live.gateway.ping() == 3)
    }

    @Test("a port that the host sends by is none, and the command that removes the route is exact")
    func routes() throws {
      let live = try GatewayLive()
      let left = live.left.port
      try live.gateway.run(
        in: live.gateway.gate, ["sysctl", "-qw", "net.ipv6.conf.\(left).disable_ipv6=0"])
      // What the kernel makes for a link-local address is in nobody's way.
      try live.attach()
      try live.ok(["detach", left])
      for (route, shown) in [
        ("route add 10.78.0.0/24 dev \(left)", "10.78.0.0/24"),
        ("route add default dev \(left) metric 7", "default"),
        ("route add 10.78.0.9 dev \(left) table 100 proto static", "10.78.0.9"),
        ("route add local 10.79.0.0/16 dev \(left)", "10.79.0.0/16"),
        ("-6 route add 2001:db8::/32 via fe80::1 dev \(left) metric 5", "2001:db8::/32"),
        ("-6 route add default dev \(left)", "default"),
        (
          "route add 10.80.0.0/16 nexthop dev \(left) weight 1 nexthop dev \(live.right.port)",
          "10.80.0.0/16"
        ),
      ] {
        try live.gateway.ip([route])
        try refuses(live, "this host sends to \(shown) by \(left)")
      }
      try live.gateway.ip((1...10).map { "route add 10.81.0.\($0) dev \(left)" })
      let many = try live.fails(1, ["attach", left, "--wire", live.right.port, "--force"])
      #expect(many.contains("10.81.0.8 and 2 more by \(left)"), "\(many)")
    }

    @Test func loops() throws {
      let live = try GatewayLive()
      try live.gateway.ip(["link add va0 type veth peer name va1"])
      try addSettings(live, ["va0", "va1"])
      let pair = try live.fails(1, ["attach", "va0", "--wire", "va1"])
      #expect(pair.contains("va0 and va1 are the two ends of one veth pair"), "\(pair)")
      try live.gateway.ip([
        "link add ab0 type bridge", "link set ab0 up", "link set va0 master ab0",
      ])
      let own = try live.fails(1, ["attach", "va0", "--wire", "ab0", "--mode", "generic"])
      #expect(own.contains("va0 is a port of ab0, the other port of the wire"), "\(own)")
      #expect(own.contains("ip link set dev va0 nomaster"), "\(own)")
      let far = try live.fails(1, ["attach", "va1", "--wire", "ab0", "--mode", "generic"])
      #expect(far.contains("ab0 joins ab0 and va0") || far.contains("is a port of"), "\(far)")
      #expect(try live.ok(["status"])["interfaces"].array.isEmpty)
    }

    @Test func loopback() throws {
      let live = try GatewayLive()
      for words in [
        ["attach", "lo", "--wire", live.left.port], ["attach", live.left.port, "--wire", "lo"],
      ] {
        let said = try live.fails(1, words)
        #expect(said.contains("cannot be a wire: lo is the loopback"), "\(said)")
        #expect(!said.contains("ip ") && !said.contains("ethtool"), "\(said)")
      }
    }

    // MARK: Host documents

    private func host(_ interfaces: String) -> String {
      "apiVersion: aegis/v1\nkind: Host\nspec: {capacities: {drops: 64}, interfaces: [\(interfaces)]}\n"
    }

    private func apply(
      _ live: GatewayLive, _ interfaces: String, _ words: [String] = ["--prune"]
    ) throws -> Outcome {
      try live.run(["apply", "-f", "-"] + words, input: host(interfaces))
    }

    private func converges(
      _ live: GatewayLive, _ interfaces: String, at location: SourceLocation = #_sourceLocation
    ) throws {
      let applied = try apply(live, interfaces)
      #expect(applied.status == 0, "\(applied)", sourceLocation: location)
      let difference = try live.run(["diff", "-f", "-", "--prune"], input: host(interfaces))
      #expect(difference.status == 0, "\(difference)", sourceLocation: location)
    }

    /// What is attached, each with the other port of its wire.
    private func attached(_ live: GatewayLive) throws -> [String: String] {
      let items = try live.ok(["status"])["interfaces"].array
      return Dictionary(
        uniqueKeysWithValues: items.map {
          ($0["name"].string ?? "", $0["wire"]["peer"].string ?? "")
        })
    }

    private func addSettings(_ live: GatewayLive, _ names: [String]) throws {
      for name in names { try live.gateway.ip(["link set \(name) up"]) }
      for name in names {
        let off = ["gro", "on", "rxvlan", "off", "rx-vlan-stag-hw-parse", "off"]
        try live.gateway.run(in: live.gateway.gate, ["ethtool", "-K", name] + off)
      }
    }

    /// With a wire, and a third port `vc0` that could be in its place.
    private func withThree() throws -> (GatewayLive, String, String) {
      let live = try GatewayLive.joined()
      try live.gateway.ip(["link add vc0 type veth peer name vc1"])
      try addSettings(live, ["vc0", "vc1"])
      return (live, live.left.port, live.right.port)
    }

    @Test("a port that is declared plainly ends as a plain interface")
    func plain() throws {
      let (live, left, right) = try withThree()
      let kept = try apply(live, left, [])
      #expect(kept.status == 1 && kept.error.contains("aegisctl detach \(left)"), "\(kept)")
      #expect(kept.error.contains("--prune"), "\(kept)")
      let late = try live.run(["attach", "-f", "-"], input: host(left))
      #expect(late.status == 1 && late.error.contains("aegisctl detach \(left)"), "\(late)")
      #expect(try attached(live) == [left: right, right: left])
      #expect(try apply(live, left, ["--prune", "--dry-run"]).status == 0)
      #expect(try attached(live) == [left: right, right: left])
      try converges(live, left)
      #expect(try attached(live) == [left: ""])
      try converges(live, "{name: \(left), wire: {to: \(right)}}")
      #expect(try attached(live) == [left: right, right: left])
      #expect(try live.gateway.ping() == 3)
      try converges(live, "\(left), \(right)")
      #expect(try attached(live) == [left: "", right: ""])
      let plain = try apply(live, "{name: \(left), wire: {to: \(right)}}", [])
      #expect(plain.status == 1 && plain.error.contains("without a wire"), "\(plain)")
      #expect(try attached(live) == [left: "", right: ""])
    }

    @Test("another peer takes the place of the old one, unless it is refused")
    func anotherPeer() throws {
      let (live, left, right) = try withThree()
      let wanted = "{name: \(left), wire: {to: vc0}}"
      let kept = try apply(live, wanted, [])
      #expect(kept.status == 1 && kept.error.contains("wire to \(right)"), "\(kept)")
      try live.gateway.ip(["address add 10.82.0.1/24 dev vc0"])
      let refused = try apply(live, wanted)
      #expect(refused.status == 1, "\(refused)")
      #expect(refused.error.contains("ip address flush dev vc0"), "\(refused)")
      #expect(try attached(live) == [left: right, right: left])
      #expect(try live.gateway.ping() == 3)
      try live.gateway.ip(["address flush dev vc0"])
      // What only the kernel can refuse: the old wire comes back.
      let offloaded = try apply(live, "{name: \(left), mode: offload}")
      #expect(offloaded.status == 71, "\(offloaded)")
      #expect(try attached(live) == [left: right, right: left])
      #expect(try live.gateway.ping() == 3)
      let stranger = try apply(live, "{name: \(left), wire: {to: vc0, trust: \(right)}}")
      #expect(
        stranger.status == 65 && stranger.error.contains("trust \(left) or vc0"), "\(stranger)")
      #expect(try attached(live) == [left: right, right: left])
      // Another program is found before anything is detached, too.
      let other = Aegisctl()
      defer { other.cleanUp() }
      for words in [["load", "--max-drops", "64"], ["attach", "vc0"]] {
        #expect(try other.run(words, namespace: live.gateway.gate).status == 0)
      }
      #expect(try apply(live, wanted).status == 73)
      #expect(try live.gateway.ping() == 3)
      other.cleanUp()
      try converges(live, wanted)
      #expect(try attached(live) == [left: "vc0", "vc0": left])
      try converges(live, "{name: \(right), wire: {to: \(left)}}, vc0")
      #expect(try attached(live) == [left: right, right: left, "vc0": ""])
      #expect(try live.gateway.ping() == 3)
    }

    @Test("another mode is an error without --prune, and taken with it")
    func anotherMode() throws {
      let (live, left, right) = try withThree()
      let wanted = "{name: \(left), mode: generic, wire: {to: \(right), followLink: true}}"
      let kept = try apply(live, wanted, [])
      #expect(kept.status == 1 && kept.error.contains("native mode"), "\(kept)")
      try converges(live, wanted)
      #expect(try live.ok(["status"])["interfaces"][0]["mode"].string == "generic")
      #expect(try live.gateway.ping() == 3)
    }

    @Test("no pattern takes a port of a wire, wherever it is listed")
    func patterns() throws {
      let (live, left, right) = try withThree()
      let wire = "{name: \(left), wire: {to: \(right)}}"
      for interfaces in ["\(wire), {match: \"ap*\"}", "{match: \"[av][pc]*\"}, \(wire)"] {
        try converges(live, interfaces)
        #expect(try attached(live)[left] == right && attached(live)[right] == left)
      }
      #expect(try attached(live)["vc0"] == "")
    }

    @Test("alternative names are those of the command line")
    func alternativeNames() throws {
      let (live, left, right) = try withThree()
      try live.gateway.ip([
        "link property add dev \(left) altname outside",
        "link property add dev \(right) altname inside",
      ])
      let wire = "{name: outside, wire: {to: inside, trust: inside}}"
      try converges(live, wire)
      #expect(try attached(live) == [left: right, right: left])
      #expect(try live.run(["status"]).output.contains("\(left) <-> \(right)"))
      let twice = try apply(live, "\(wire), {name: \(right), wire: {to: vc0}}")
      #expect(twice.status == 65 && twice.error.contains("\(right) is declared twice"), "\(twice)")
      #expect(try attached(live) == [left: right, right: left])
      try converges(live, "\(wire), \(right)")
    }

    @Test("a session of this host by a port is guarded")
    func sessions() throws {
      let live = try GatewayLive()
      let (left, right) = (live.left.port, live.right.port)
      try live.gateway.run(
        in: live.gateway.gate,
        [
          "sysctl", "-qw", "net.ipv6.conf.\(left).disable_ipv6=0",
          "net.ipv6.conf.\(left).accept_dad=0",
        ])
      try live.gateway.ip(["-6 address add fe80::77/64 dev \(left) nodad"])
      let text = host("{name: \(left), wire: {to: \(right)}}")
      func apply(by connection: String, _ words: [String] = []) throws -> Outcome {
        try live.aegis.run(
          ["apply", "-f", "-"] + words, input: text, environment: ["SSH_CONNECTION": connection],
          namespace: live.gateway.gate)
      }
      let local = try apply(by: "fe80::1%\(left) 5000 fe80::77%\(left) 22")
      #expect(
        local.status == 79 && local.error.contains("your SSH session from fe80::1"), "\(local)")
      #expect(local.error.contains("another interface, or --force"), "\(local)")
      try live.gateway.ip(["route add 10.83.0.0/24 dev \(left)"])
      #expect(try apply(by: "10.83.0.1 5000 10.84.0.1 22").status == 79)
      try live.gateway.ip(["route del 10.83.0.0/24 dev \(left)"])
      #expect(try attached(live) == [:])
      #expect(try apply(by: "fe80::1 5000 fe80::77 22", ["--force"]).status == 0)
      // It is no change any more.
      #expect(try apply(by: "fe80::1 5000 fe80::77 22").status == 0)
      #expect(try attached(live) == [left: right, right: left])
    }
  }
}
