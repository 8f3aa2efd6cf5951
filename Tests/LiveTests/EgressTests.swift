import BPF
import Foundation
import Glibc
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// Programs behind tc, for what goes out and for what comes in.
  @Suite(
    .enabled(if: KernelVersion.running >= KernelVersion(6, 6), "needs Linux 6.6, for links of tc"))
  struct EgressTests {
    /// Loaded, and attached with these options.
    private func attached(_ options: [String], ipv6: Bool = false) throws -> Live {
      let live = Live(try Sandbox(ipv6: ipv6))
      try live.ok(["load", "--max-drops", "64", "--max-sources", "6000"])
      try live.ok(["attach", live.interface] + options)
      return live
    }

    @Test func bothDirectionsAreCountedApart() throws {
      let live = try attached([])
      let outcome = try live.ok(["attach", live.interface, "--direction", "both"])
      #expect(outcome["items"][0]["direction"].string == "both")
      #expect(outcome["items"][0]["action"].string == "attached")
      #expect(try live.directions() == ["in native", "out tc"])
      #expect(
        try live.ok(["attach", live.interface, "--direction", "both"])["changed"].bool == false)
      #expect(try live.answers() == 3)
      for direction in ["in", "out"] {
        let stats = try live.stats(leaving: direction == "out")
        #expect(stats["pass.default"] == 3, "\(direction)")
        #expect(stats.bytes("pass.default") == 3 * 98, "\(direction)")
        #expect(stats.isConsistent)
      }
      #expect(
        try live.ok(["detach", live.interface, "--direction", "out"])["changed"].bool == true)
      #expect(try live.directions() == ["in native"])
      #expect(try live.answers() == 3)
      #expect(try live.stats(leaving: false)["pass.default"] == 6)
      #expect(try live.stats(leaving: true)["pass.default"] == 3)
      #expect(
        try live.ok(["detach", live.interface, "--direction", "out"])["changed"].bool == false)
      // It goes on counting.
      try live.ok(["attach", live.interface, "--direction", "out"])
      #expect(try live.answers() == 3)
      #expect(try live.stats(leaving: true)["pass.default"] == 6)
      try live.ok(["detach", live.interface])
      #expect(try live.directions().isEmpty)
      #expect(try live.names("links").isEmpty)
    }

    @Test func whatLeavesIsDropped() throws {
      let live = try attached(["--direction", "out"])
      #expect(try live.directions() == ["out tc"])
      try live.dropWhatLeaves(to: live.peer)
      #expect(try live.answers() == 0)
      // ping repeats at once what the kernel says it dropped.
      #expect(try live.stats(leaving: true)["drop.host"] >= 3)
      let items = try live.ok(["stats"])["items"].array
      #expect(items.filter { $0["interface"].string == live.interface }.count == 1)
      try live.ok(["detach", live.interface])
      #expect(try live.answers() == 3)
    }

    @Test func ingressByTC() throws {
      let live = try attached(["--mode", "tc"])
      #expect(try live.directions() == ["in tc"])
      try live.ok(["drop-ip", "192.0.2.9"])
      #expect(try live.arrives())
      #expect(try !live.arrives(from: "192.0.2.9"))
      #expect(try live.stats(leaving: false)["drop.host"] == 1)
      #expect(
        try live.fails(1, ["attach", live.interface, "--mode", "native"]).contains("tc mode"))
      try live.ok(["detach", live.interface])
      #expect(try live.arrives(from: "192.0.2.9"))
      // And by XDP, with the same counters.
      try live.ok(["attach", live.interface])
      #expect(try !live.arrives(from: "192.0.2.9"))
      #expect(try live.stats(leaving: false)["drop.host"] == 2)
    }

    @Test func wordsThatExcludeEachOther() throws {
      let live = try attached(["--direction", "both"])
      let name = live.interface
      for options in [
        ["--direction", "out", "--mode", "native"], ["--direction", "both", "--wire", "lo"],
        ["--mode", "tc", "--wire", "lo"],
      ] {
        try live.fails(64, ["attach", name] + options)
      }
      try live.fails(65, ["attach", name, "--direction", "sideways"])
      try live.sandbox.ip(in: .host, ["link add x0 type veth peer name x1"])
      let said = try live.fails(1, ["attach", name, "--wire", "x0"])
      #expect(said.contains("\(name) is attached for out"), "\(said)")
      #expect(try live.directions() == ["in native", "out tc"])
    }

    @Test(arguments: [true, false])
    func programsOfOthersStay(_ isFirst: Bool) throws {
      let live = Live(try Sandbox(ipv6: false))
      let foreign = try ForeignTraffic()
      let (index, id) = (try live.sandbox.ifindex, try foreign.id)
      try live.ok(["load"])
      let attach = ["attach", live.interface, "--direction", "both", "--mode", "tc"]
      if !isFirst { try live.ok(attach) }
      for hook in [TrafficDirection.ingress, .egress] {
        try foreign.link(hook, of: index, in: live.sandbox)
      }
      if isFirst { try live.ok(attach) }
      for direction in Direction.allCases {
        let programs = try live.sandbox.inside(.host) { direction.hook.programs(of: index) }
        #expect(programs.count == 2 && programs.firstIndex(of: id) == (isFirst ? 1 : 0))
      }
      #expect(try live.answers() == 3)
      #expect(try live.stats(leaving: true)["pass.default"] == 3)
      // Only what comes before ours can keep packets from it.
      let links = try live.ok(["status"])["interfaces"].array
      #expect(links.allSatisfy { ($0["after"].string?.contains("foreign") ?? false) == !isFirst })
      let found = try live.run(["doctor", live.interface]).output
      #expect(found.contains("\"foreign\" (id \(id)) comes before") == !isFirst, "\(found)")
      try live.ok(["repair"])
      try live.ok(["detach", live.interface])
      for direction in Direction.allCases {
        #expect(try live.sandbox.inside(.host) { direction.hook.programs(of: index) } == [id])
      }
    }

    @Test func filtersOfOthersStay() throws {
      let live = Live(try Sandbox(ipv6: false))
      let foreign = try ForeignTraffic()
      try live.filter(foreign, "ingress")
      try live.filter(foreign, "egress")
      let before = try live.filters()
      #expect(before.count == 2)
      try live.ok(["load"])
      for options in [["--mode", "tc"], ["--direction", "both"]] {
        try live.ok(["attach", live.interface] + options)
        #expect(try live.answers() == 3)
        try live.ok(["detach", live.interface])
        #expect(try live.filters() == before)
      }
      try live.attachByFilter(.both)
      #expect(try live.filters().count == 4)
      try live.ok(["detach", live.interface])
      #expect(try live.filters() == before)
      try live.attachByFilter(.both)
      try live.ok(["unload", "--force"])
      #expect(try live.filters() == before)
    }

    @Test(arguments: Direction.allCases)
    func whatIsLostIsRepaired(_ direction: Direction) throws {
      let live = try attached(["--direction", "both", "--mode", "tc"])
      let label = direction == .out ? "\(live.interface) out" : live.interface
      let path = "\(live.aegis.root)/links/\(try live.sandbox.ifindex)-\(direction.rawValue)"
      func repairs(_ name: String, _ action: String) throws {
        let dry = try live.run(["repair", "--dry-run", "-o", "json"])
        #expect(dry.status == 1)
        #expect(try dry.json["items"].first("name", name)["action"].string == action, "\(dry)")
        let done = try live.ok(["repair"])
        #expect(done["items"].first("name", name)["action"].string == action, "\(done)")
        #expect(try live.ok(["repair"])["changed"].bool == false)
        #expect(try live.directions() == ["in tc", "out tc"])
      }
      // The link.
      try BPFLink(pinnedAt: path).detach()
      #expect(try live.ok(["status"])["lost"][0].string == label)
      try repairs(label, "attached")
      // Its pin.
      let held = try BPFLink(pinnedAt: path)
      try FileSystem.remove(path)
      try repairs(label, "adopted")
      #expect(try held.info().id == BPFLink(pinnedAt: path).info().id)
      // The pin of the program.
      let name = TrafficProgram.name(direction)
      try FileSystem.remove("\(live.aegis.root)/current/\(name)")
      try repairs("current/\(name)", "adopted")
      // What somebody put in its place.
      let foreign = try ForeignTraffic()
      do {
        let ours = try BPFProgram(pinnedAt: "\(live.aegis.root)/current/\(name)")
        try BPFLink(pinnedAt: path).update(
          to: BPFProgram(pinnedAt: foreign.pin), replacing: ours)
      }
      try repairs(label, "restored")
    }

    @Test func anInterfaceCreatedAnewIsAttachedInBoth() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "64"])
      func create() throws {
        try live.sandbox.ip(in: .host, ["link add x0 type veth peer name x1", "link set x0 up"])
      }
      try create()
      try live.ok(["attach", "x0", "--direction", "both"])
      try live.sandbox.ip(in: .host, ["link del x0"])
      #expect(try live.ok(["repair"])["counts"]["waiting"].int == 2)
      try create()
      let done = try live.ok(["repair"])
      #expect(done["counts"]["attached"].int == 2, "\(done)")
      #expect(try live.directions() == ["in native", "out tc"])
      #expect(try live.ok(["repair"])["changed"].bool == false)
      #expect(try live.names("links").count == 2)
      #expect(try live.ok(["stats"])["items"].array.count == 2)
    }

    @Test(arguments: [false, true])
    func anInterfaceThatMovesKeepsBoth(_ getsAnotherIndex: Bool) throws {
      let live = try attached(["--direction", "both"])
      let (name, index) = (live.interface, try live.sandbox.ifindex)
      let namespace = "aegis-\(RandomName.hex(6))m"
      try Command(["ip", "netns", "add", namespace]).succeed()
      defer { _ = try? Command(["ip", "netns", "del", namespace]).run() }
      if getsAnotherIndex {
        let words = "link add y0 index \(index) type veth peer name y1 index \(index + 1)"
        try Command(["ip"] + words.split(separator: " ").map(String.init), namespace: namespace)
          .succeed()
      }
      try live.sandbox.ip(in: .host, ["link set \(name) netns \(namespace)"])
      #expect(try live.ok(["status"])["moved"].array.compactMap(\.string) == [name, "\(name) out"])
      let moved = try live.aegis.run(["repair", "-o", "json"], namespace: namespace)
      #expect(moved.status == 0, "\(moved)")
      #expect(try moved.json["counts"]["adopted"].int == 2, "\(moved)")
      let again = try live.aegis.run(["repair", "-o", "json"], namespace: namespace)
      #expect(try again.json["changed"].bool == false, "\(again)")
      let links = try live.aegis.run(["dump", "links", "-o", "json"], namespace: namespace)
      let now = try links.json["links"].array
      #expect(now.count == 2 && now.allSatisfy { $0["moved"].bool == false }, "\(links)")
      #expect(getsAnotherIndex == (now[0]["ifindex"].int != Int(index)))
      let pins = now.compactMap { $0["ifindex"].int }.first.map { ["\($0)", "\($0)-out"] }
      #expect(try live.names("links") == pins)
    }

    @Test func replacementMovesBothDirections() throws {
      let live = try attached(["--direction", "both", "--mode", "tc"])
      try live.dropWhatLeaves(to: live.peer)
      let (programs, links) = (try live.programs(), try live.linkNumbers())
      #expect(
        try live.ok(["load", "--replace", "--max-drops", "128"])["action"].string == "replaced")
      #expect(Set(try live.programs()).isDisjoint(with: programs))
      #expect(try live.linkNumbers() == links)
      #expect(try live.answers() == 0)
      try live.ok(["load", "--rollback"])
      #expect(try live.programs() == programs)
      #expect(try live.linkNumbers() == links)
      #expect(try live.answers() == 0)
      #expect(try live.ok(["load", "--replace"])["action"].string == "unchanged")
      #expect(try live.ok(["repair"])["changed"].bool == false)
    }

    @Test func unloadFindsLinksWithoutPins() throws {
      let live = try attached(["--direction", "both", "--mode", "tc"])
      let index = try live.sandbox.ifindex
      let path = "\(live.aegis.root)/links/\(index)-out"
      let held = try BPFLink(pinnedAt: path)
      try FileSystem.remove(path)
      try live.ok(["unload", "--force"])
      #expect(try held.info().ifindex == 0)
      for direction in Direction.allCases {
        #expect(try live.sandbox.inside(.host) { direction.hook.programs(of: index) }.isEmpty)
      }
    }

    @Test func aTagBesideTheDataHidesNothing() throws {
      let live = try attached(["--direction", "out"])
      let foreign = try ForeignTraffic(tagging: true)
      let index = try live.sandbox.ifindex
      // Known before packets are tagged.
      #expect(try live.answers() == 3)
      try foreign.link(.egress, of: index, in: live.sandbox)
      let before = try live.stats(leaving: true)
      #expect(try live.answers() == 0)
      #expect(try live.stats(leaving: true)["pass.default"] - before["pass.default"] >= 3)
      try live.dropWhatLeaves(to: live.peer)
      #expect(try live.answers() == 0)
      let last = try live.stats(leaving: true)
      #expect(last["drop.host"] >= 3)
      #expect(last["drop.malformed"] <= 0)
    }

    @Test func aHostDocumentDeclaresDirections() throws {
      let live = Live(try Sandbox(ipv6: false))
      func document(_ fields: String) -> String {
        """
        apiVersion: aegis/v1
        kind: Host
        spec:
          interfaces:
          - {name: \(live.interface)\(fields)}

        """
      }
      func apply(_ fields: String, _ options: [String] = []) throws -> JSON {
        try live.ok(["apply", "-f", "-", "--force"] + options, input: document(fields))
      }
      _ = try apply(", mode: tc, direction: both")
      #expect(try live.directions() == ["in tc", "out tc"])
      let dumped = try live.run(["dump", "host", "-o", "yaml"]).output
      #expect(dumped.contains("mode: tc") && dumped.contains("direction: both"), "\(dumped)")
      #expect(try live.ok(["apply", "-f", "-", "--force"], input: dumped)["changed"].bool == false)
      // What is not declared stays without --prune.
      #expect(try apply(", mode: tc")["changed"].bool == false)
      _ = try apply(", mode: tc", ["--prune"])
      #expect(try live.directions() == ["in tc"])
      _ = try apply(", direction: out")
      #expect(try live.directions() == ["in tc", "out tc"])
      _ = try apply(", direction: out", ["--prune"])
      #expect(try live.directions() == ["out tc"])
      _ = try apply("", ["--prune"])
      #expect(try live.directions() == ["in native"])
      let wrong = document(", mode: native, direction: out")
      #expect(try live.run(["apply", "-f", "-"], input: wrong).status == 65)
      #expect(try live.directions() == ["in native"])
    }

    @Test func whatAWireSendsOnPassesNothing() throws {
      let live = try GatewayLive.joined()
      let said = try live.fails(1, ["attach", live.left.port, "--direction", "out"])
      #expect(said.contains("\(live.left.port) is a port of a wire"), "\(said)")
      #expect(try live.ok(["status"])["notes"].isNull)
      try live.ok(["attach", "lo", "--direction", "out", "--force"])
      #expect(try live.ok(["status"])["notes"].array.count == 1)
      #expect(try live.run(["status"]).output.contains("a wire sends on do not pass egress"))
      #expect(try live.ok(["repair"])["changed"].bool == false)
    }

    @Test func metricsNameTheDirection() throws {
      let live = try attached(["--direction", "both"])
      let text = try live.run(["stats", "-o", "prometheus"]).output
      for direction in ["in", "out"] {
        let labels = "{interface=\"\(live.interface)\",direction=\"\(direction)\""
        #expect(text.contains("aegis_packets_total" + labels), "\(text)")
        #expect(text.contains("aegis_interface_attached" + labels), "\(text)")
      }
    }

    @Test func xdpOnAVethIsWarnedOf() throws {
      let live = try attached(["--direction", "out"])
      func isWarned() throws -> Bool {
        try live.ok(["doctor", live.interface])["items"].array.contains {
          $0["check"].string == "tcp" && $0["level"].string == "warning"
        }
      }
      #expect(try !isWarned())
      try live.ok(["attach", live.interface])
      #expect(try isWarned())
      try live.ok(["detach", live.interface, "--direction", "in"])
      try live.ok(["attach", live.interface, "--mode", "tc"])
      #expect(try !isWarned())
    }
  }

  /// What needs no links of tc, as on kernels before 6.6.
  struct EgressFilterTests {
    @Test func withoutLinksThereAreFilters() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "64"])
      #expect(try !live.hasQueue())
      try live.attachByFilter(.both)
      #expect(try live.names("links").isEmpty)
      #expect(try live.directions() == ["in tc", "out tc"])
      #expect(
        try live.ok(["attach", live.interface, "--direction", "both"])["changed"].bool == false)
      #expect(try live.fails(1, ["unload"]).contains("\(live.interface) out"))
      try live.ok(["drop-ip", "192.0.2.9"])
      #expect(try !live.arrives(from: "192.0.2.9"))
      try live.dropWhatLeaves(to: live.peer)
      #expect(try live.answers() == 0)
      // ping repeats at once what the kernel says it dropped.
      #expect(try live.stats(leaving: true)["drop.host"] >= 3)

      let programs = try live.programs()
      #expect(
        try live.ok(["load", "--replace", "--max-drops", "128"])["action"].string == "replaced")
      #expect(Set(try live.programs()).isDisjoint(with: programs))
      #expect(try live.answers() == 0)
      try live.ok(["load", "--rollback"])
      #expect(try live.programs() == programs)
      #expect(try live.answers() == 0)
      #expect(try live.ok(["repair"])["changed"].bool == false)

      try live.ok(["detach", live.interface, "--direction", "out"])
      #expect(try live.answers() == 3)
      #expect(try live.hasQueue())
      #expect(try live.directions() == ["in tc"])
      try live.ok(["detach", live.interface])
      #expect(try !live.hasQueue())
      #expect(try live.arrives(from: "192.0.2.9"))
    }

    @Test func aQueueThatOthersUseStays() throws {
      let live = Live(try Sandbox(ipv6: false))
      let foreign = try ForeignTraffic()
      try live.ok(["load", "--max-drops", "64"])
      try live.attachByFilter(.out)
      try live.filter(foreign, "ingress")
      try live.ok(["detach", "--all"])
      #expect(try live.filters().count == 1)
    }

    @Test func lostFiltersAreAttachedAgain() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load", "--max-drops", "64"])
      try live.attachByFilter(.both)
      try live.sandbox.run(in: .host, ["tc", "qdisc", "del", "dev", live.interface, "clsact"])
      #expect(try live.directions().isEmpty)
      #expect(try live.ok(["status"])["lost"].array.count == 2)
      #expect(try live.ok(["repair"])["counts"]["attached"].int == 2)
      #expect(try live.directions() == ["in tc", "out tc"])
      #expect(try live.ok(["repair"])["changed"].bool == false)
    }

    @Test func aDeviceWithoutAnEthernetHeader() throws {
      let live = Live(try Sandbox(ipv6: false))
      let tun = try live.sandbox.inside(.host) { try Tun("x0") }
      try live.sandbox.ip(
        in: .host, ["addr add 198.51.100.1/24 dev x0", "link set x0 up", "link set x0 mtu 1400"])
      try live.ok(["load", "--max-drops", "64"])
      try live.ok(["drop-ip", "198.51.100.9"])
      let outcome = try live.run(["attach", "x0", "--direction", "both", "-o", "json"])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.error.contains("x0 runs in tc mode: its packets have no Ethernet header"))
      #expect(try outcome.json["items"][0]["mode"].string == "tc")
      #expect(try live.directions() == ["in tc", "out tc"])
      let size = IPv4(.udp(53, payload: 100), from: "198.51.100.9").bytes.count
      try tun.send(
        ["198.51.100.9", "198.51.100.8", "198.51.100.9"].map { (source: IPAddress) in
          IPv4(.udp(53, payload: 100), from: source).bytes
        })
      let stats = try live.stats("x0")
      #expect(stats["drop.host"] == 2)
      #expect(stats.bytes("drop.host") == 2 * size)
      #expect(stats["pass.default"] == 1)
      #expect(stats["drop.malformed"] <= 0 && stats["pass.not-ip"] <= 0)

      _ = tun.take()
      try live.dropWhatLeaves(to: "198.51.100.7")
      for address in ["198.51.100.7", "198.51.100.6"] {
        try live.sandbox.run(
          in: .host, ["ping", "-c", "2", "-i", "0.05", "-W", "0.2", "-I", "x0", address])
      }
      let sent = tun.take().filter { $0.count > 20 && $0[9] == 1 }
      #expect(sent.count == 2 && sent.allSatisfy { $0[19] == 6 })
      let leaving = Stats(
        try #require(
          try live.ok(["stats"])["items"].array.first {
            $0["interface"].string == "x0" && $0["direction"].string == "out"
          }))
      #expect(leaving["drop.host"] >= 2)
      #expect(leaving.bytes("drop.host") == leaving["drop.host"] * 84)
      #expect(leaving["pass.default"] == 2)
      #expect(try live.run(["doctor", "x0"]).status == 0)
      #expect(try live.fails(65, ["attach", "x0", "--mode", "native"]).contains("--mode tc"))
    }
  }
}

extension Live {
  /// What is attached, each as its direction and mode.
  fileprivate func directions() throws -> [String] {
    try ok(["status"])["interfaces"].array.map {
      "\($0["direction"].string ?? "") \($0["mode"].string ?? "")"
    }
  }

  fileprivate func programs() throws -> [Int] {
    try ok(["status"])["interfaces"].array.compactMap { $0["program"].int }
  }

  fileprivate func linkNumbers() throws -> [Int] {
    try ok(["status"])["interfaces"].array.compactMap { $0["link"].int }
  }

  /// How many of three pings from the host to the peer are answered.
  fileprivate func answers() throws -> Int {
    let said = try sandbox.run(
      in: .host, ["ping", "-c", "3", "-i", "0.05", "-W", "0.5", peer]
    ).output
    let words = said.split(separator: ", ").first { $0.hasSuffix("received") }
    return words.flatMap { $0.split(separator: " ").first }.flatMap { Int($0) } ?? -1
  }

  fileprivate func dropWhatLeaves(to address: String) throws {
    try ok(["drop-ip", "--out", address])
  }

  /// As on kernels that have no links of tc.
  fileprivate func attachByFilter(_ directions: Directions) throws {
    let (root, name) = (PinRoot(aegis.root), interface)
    try sandbox.inside(.host) {
      let session = try Session(at: root, timeout: .seconds(5))
      var interfaces = Interfaces(try session.datapath())
      interfaces.usesFilters = true
      _ = try interfaces.attach(
        HostPlan.Attaching(name: name, mode: .tc, directions: directions), in: session)
    }
  }

  /// Attaches somebody else's filter.
  fileprivate func filter(_ foreign: ForeignTraffic, _ direction: String) throws {
    try sandbox.run(in: .host, ["tc", "qdisc", "add", "dev", interface, "clsact"])
    let attached = try sandbox.run(
      in: .host,
      [
        "tc", "filter", "add", "dev", interface, direction, "prio", "1", "bpf", "da",
        "object-pinned", foreign.pin,
      ])
    #expect(attached.status == 0, "\(attached)")
  }

  /// The filters in the qdisc clsact.
  fileprivate func filters() throws -> [String] {
    try ["ingress", "egress"].flatMap { direction in
      try sandbox.run(in: .host, ["tc", "filter", "show", "dev", interface, direction]).output
        .split(separator: "\n").filter { $0.contains("handle") }.map { "\(direction) \($0)" }
    }
  }

  fileprivate func hasQueue() throws -> Bool {
    try sandbox.run(in: .host, ["tc", "qdisc", "show", "dev", interface]).output.contains("clsact")
  }
}
