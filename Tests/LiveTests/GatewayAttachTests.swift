import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What two interfaces need to be a wire, and what `attach` says otherwise.
  struct GatewayAttachTests {
    @Test func isShown() throws {
      let live = try GatewayLive.joined(["--trust", "none"])
      let (left, right) = (live.left.port, live.right.port)
      let status = try live.run(["status"]).output
      let first = [left, right].sorted()
      #expect(status.contains("\(first[0]) <-> \(first[1]) (native, closed)"), "\(status)")
      let links = try live.ok(["status"])["interfaces"]
      #expect(links.first("name", left)["wire"]["peer"].string == right)
      #expect(links.first("name", right)["wire"]["ifDetached"].string == "closed")
      let why = try live.ok(["why", "192.0.2.7", "to", "80", "--interface", left])
      #expect(why["leavesBy"].string == right && why["reason"].string == "pass.default")
      let table = try live.run(["why", "192.0.2.7", "--interface", left]).output
      #expect(table.contains("leaves by \(right)"), "\(table)")

      try live.attach(["--trust", right])
      let trusted = try live.ok(["why", "192.0.2.7", "--interface", right])
      #expect(trusted["reason"].string == "pass.trusted" && trusted["leavesBy"].string == left)
      let doctor = try live.run(["doctor", left, "-o", "json"])
      #expect(doctor.output.contains("to \(right), closed"), "\(doctor)")
      #expect(try live.run(["repair"]).output.contains("unchanged"))
    }

    @Test("detach of either port takes both")
    func detach() throws {
      let live = try GatewayLive.joined()
      let detached = try live.ok(["detach", live.right.port, live.left.port])
      #expect(
        Set(detached["items"].array.compactMap { $0["name"].string }) == Set(live.gateway.ports))
      #expect(try live.ok(["status"])["interfaces"].array.isEmpty)
      #expect(try live.crossing([GatewayFrames.plain], from: live.left, expecting: 0) == [])
      try live.attach()
      #expect(try live.ok(["detach", "--all"])["items"].array.count == 2)
      #expect(try live.gateway.ping(count: 1) == 0)
    }

    /// What is in the way, and the command that the message must name.
    @Test func whatIsInTheWay() throws {
      let live = try GatewayLive()
      let (left, right) = (live.left.port, live.right.port)
      let words = ["attach", left, "--wire", right]
      func refused(_ fix: String, at location: SourceLocation = #_sourceLocation) throws {
        let before = try live.settings()
        let said = try live.fails(1, words, at: location)
        #expect(said.contains(fix), "\(said)", sourceLocation: location)
        #expect(try live.settings() == before, sourceLocation: location)
        #expect(try live.ok(["status"])["interfaces"].array.isEmpty, sourceLocation: location)
      }
      try live.gateway.ip(["address add 10.77.0.9/24 dev \(left)"])
      try refused("ip address flush dev \(left)")
      try live.gateway.ip(["address flush dev \(left)", "link set \(right) mtu 1400"])
      try refused("ip link set dev \(right) mtu 1500")
      try live.gateway.ip(["link set \(right) mtu 1500"])
      try live.gateway.run(in: live.gateway.gate, ["ethtool", "-K", right, "rxvlan", "on"])
      try refused("ethtool -K \(right) rxvlan off")
      try live.gateway.run(in: live.gateway.gate, ["ethtool", "-K", right, "rxvlan", "off"])
      let far = live.right
      try live.gateway.run(in: far.namespace, ["ethtool", "-K", far.interface, "gro", "off"])
      try refused("gro on")
      try live.gateway.run(in: far.namespace, ["ethtool", "-K", far.interface, "gro", "on"])
      try live.gateway.ip(["link add link \(left) name mv0 type macvlan"])
      try refused("ip link delete mv0")
      try live.gateway.ip([
        "link del mv0", "link add ab0 type bridge", "link set \(left) master ab0",
      ])
      let open = try live.fails(1, words + ["--if-detached", "open"])
      #expect(open.contains("ip link set dev \(right) master"), "\(open)")
      try live.gateway.ip(["link set \(right) master ab0"])
      try refused("--if-detached open")
      let eats = try live.fails(1, words + ["--if-detached", "open"])
      #expect(
        eats.contains("type bridge stp_state 0 mcast_snooping 0 group_fwd_mask 65528"), "\(eats)")
      try live.gateway.ip(["link del ab0"])
      #expect(try live.attach()["changed"].bool == true)
      #expect(try live.gateway.ping(count: 1) == 1)
    }

    @Test func badWords() throws {
      let live = try GatewayLive()
      let (left, right) = (live.left.port, live.right.port)
      try live.fails(65, ["attach", left, "--wire", left])
      try live.fails(65, ["attach", left, "--wire", right, "--trust", "lo"])
      try live.fails(69, ["attach", left, "--wire", "nosuch0"])
      try live.fails(64, ["attach", left, right, "--wire", right])
      try live.fails(64, ["attach", left, "--trust", right])
      try live.fails(65, ["attach", left, "--wire", right, "--if-detached", "ajar"])
      try live.ok(["attach", left])
      let attached = try live.fails(1, ["attach", left, "--wire", right])
      #expect(attached.contains("aegisctl detach \(left)"), "\(attached)")
      try live.ok(["detach", left])
      try live.attach()
      try live.ok(["attach", left])
      #expect(try live.ok(["status"])["interfaces"].array.count == 2)
    }

    @Test("another program on one port stays, and nothing is changed")
    func foreignProgram() throws {
      let live = try GatewayLive()
      let other = Aegisctl()
      defer { other.cleanUp() }
      for words in [["load", "--max-drops", "64"], ["attach", live.right.port]] {
        #expect(try other.run(words, namespace: live.gateway.gate).status == 0)
      }
      let before = try live.settings()
      let said = try live.fails(73, ["attach", live.left.port, "--wire", live.right.port])
      #expect(said.contains(live.right.port), "\(said)")
      #expect(try live.settings() == before)
      #expect(try live.ok(["status"])["interfaces"].array.isEmpty)
    }

    @Test func dryRun() throws {
      let live = try GatewayLive()
      let before = try live.settings()
      let planned = try live.attach(["--dry-run"])
      #expect(planned["changed"].bool == true && planned["dryRun"].bool == true)
      #expect(try live.settings() == before)
      try live.attach()
      #expect(try live.ok(["detach", live.left.port, "--dry-run"])["changed"].bool == true)
      #expect(try live.gateway.ping(count: 1) == 1)
    }

    @Test func generic() throws {
      let live = try GatewayLive()
      for end in [live.left, live.right] {
        try live.gateway.run(in: end.namespace, ["ethtool", "-K", end.interface, "gro", "off"])
      }
      let attached = try live.attach(["--mode", "generic"])
      #expect(attached["items"][0]["mode"].string == "generic")
      #expect(try live.gateway.ping() == 3)
    }

    @Test("declared in a file, it is attached, kept, changed, written and detached")
    func hostDocument() throws {
      let live = try GatewayLive(load: false)
      let (left, right) = (live.left.port, live.right.port)
      func host(_ interfaces: String) -> String {
        "apiVersion: aegis/v1\nkind: Host\nspec: {capacities: {drops: 64}, interfaces: [\(interfaces)]}\n"
      }
      let text = host("{name: \(left), wire: {to: \(right), trust: \(right), followLink: true}}")
      #expect(try live.ok(["apply", "-f", "-"], input: text)["changed"].bool == true)
      #expect(try live.gateway.ping() == 3)
      #expect(try live.run(["diff", "-f", "-"], input: text).status == 0)
      let dumped = try live.run(["dump", "host", "-o", "yaml"]).output
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: dumped).status == 0, "\(dumped)")
      #expect(dumped.contains("trust: \(right)") && dumped.contains("followLink: true"))

      let changed = host("{name: \(right), wire: {to: \(left)}}")
      #expect(try live.run(["diff", "-f", "-"], input: changed).status == 1)
      try live.ok(["apply", "-f", "-"], input: changed)
      #expect(try live.run(["diff", "-f", "-"], input: changed).status == 0)
      #expect(try live.gateway.ping(count: 1) == 1)
      // What is attached otherwise is never kept without a word; see GatewayChecksTests.
      let plain = try live.run(["apply", "-f", "-"], input: host(left))
      #expect(
        plain.status == 1 && plain.error.contains("wire to \(right), but declared without a wire"),
        "\(plain)")
      try live.ok(["apply", "-f", "-", "--prune"], input: host(left))
      #expect(
        try live.ok(["status"])["interfaces"].array.map { $0["name"].string } == [left])
      try live.ok(["apply", "-f", "-", "--prune"], input: host(""))
      #expect(try live.ok(["status"])["interfaces"].array.isEmpty)

      let wrong = "{name: \(left), wire: {trust: \(right)}}"
      #expect(try live.run(["apply", "-f", "-"], input: host(wrong)).status == 65)
      let late = host("{name: \(left), wire: {to: late0}}")
      #expect(try live.run(["apply", "-f", "-"], input: late).status == 69)
      let pattern = host("{match: \"ap*\", wire: {to: \(right)}}")
      #expect(try live.run(["apply", "-f", "-"], input: pattern).status == 65)
    }
  }
}
