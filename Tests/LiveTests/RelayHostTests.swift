import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// What the relay needs of interfaces and neighbours: set, kept and undone.
  @Suite struct RelayHostTests {
    private static let settings = [
      "ipv4/conf/NAME/forwarding", "ipv6/conf/NAME/forwarding",
      "ipv4/conf/NAME/arp_evict_nocarrier", "ipv6/conf/NAME/ndisc_evict_nocarrier",
    ]
    private static let far = "203.0.113.9"
    private static let far6 = "2001:db8:9::9"

    private func attached() throws -> Live { try Live.attached(ipv6: true) }

    /// Calls something of the relay's host in the host's namespace.
    private func ask<Answer: Sendable>(
      _ live: Live, to destinations: [String] = [far, far6],
      _ body: @escaping @Sendable (RelayHost, borrowing Session) throws -> Answer
    ) throws -> Answer {
      let (root, end) = (live.aegis.root, live.sandbox.host)
      return try live.sandbox.inside(.host) {
        let root = PinRoot(root)
        let session = try Session(at: root, timeout: .seconds(5))
        let host = RelayHost(
          try Datapath(toChangeAt: root),
          listen: try [end.v4, end.v6].map { try IPAddress($0) },
          destinations: try destinations.map { try IPAddress($0) })
        return try body(host, session)
      }
    }

    @discardableResult
    private func prepare(
      _ live: Live, to destinations: [String] = [far, far6], _ names: [String]? = nil,
      prunes: Bool = true
    ) throws -> [String] {
      let names = names ?? [live.interface]
      return try ask(live, to: destinations) {
        try $0.prepare(names, prunes: prunes, in: $1)
      }
    }

    private func settings(_ live: Live, of name: String? = nil) throws -> String {
      let name = name ?? live.interface
      return try live.sandbox.inside(.host) {
        try Self.settings.map {
          let path = "/proc/sys/net/" + $0.replacingOccurrences(of: "NAME", with: name)
          return try SystemFiles().read(path).trimmingCharacters(in: .newlines)
        }.joined()
      }
    }

    private func neighbours(_ live: Live, _ options: String = "") throws -> [String] {
      let words = "ip neigh show dev \(live.interface) \(options)"
      return try live.sandbox.run(in: .host, words.split(separator: " ").map(String.init))
        .output.split(separator: "\n").map(String.init)
    }

    /// Waits until something holds: up to 20 seconds, because the kernel asks for a managed neighbour again only every
    /// five (`interval_probe_time_ms`).
    private func eventually(_ body: () throws -> Bool) throws -> Bool {
      for _ in 0..<400 {
        if try body() { return true }
        Thread.sleep(forTimeInterval: 0.05)
      }
      return false
    }

    private func sysctl(_ live: Live, _ line: String) throws {
      try #require(
        live.sandbox.run(in: .host, ["sh", "-c", line]).status == 0, "\(line)")
    }

    @Test func setsWhatIsMissing() throws {
      let live = try attached()
      #expect(try settings(live) == "0011")
      let found = try ask(live) { host, _ in try host.check() }
      #expect(found.filter { $0.message.contains("does not forward") }.count == 2)
      #expect(found.contains { $0.message.contains("next hop to \(Self.far)") })
      let changes = try prepare(live)
      #expect(changes.count == 1 + 4 + 2, "\(changes)")
      #expect(try settings(live) == "1100")
      // Both destinations are behind a gateway, which is the peer.
      let kept = try neighbours(live).filter {
        $0.contains("managed") && $0.contains("extern_learn")
      }
      #expect(kept.count == 2, "\(kept)")
      for gateway in [live.sandbox.peer.v4, live.sandbox.peer.v6] {
        #expect(kept.contains { $0.hasPrefix(gateway + " ") && $0.contains("proto") }, "\(kept)")
      }
      #expect(try eventually { try ask(live) { host, _ in try host.check() }.isEmpty })
      #expect(try prepare(live) == [])
      #expect(try ask(live) { try $0.prepare(in: $1) } == [])
    }

    @Test func aDryRunChangesNothing() throws {
      let live = try attached()
      let (root, end, name) = (live.aegis.root, live.sandbox.host, live.interface)
      let changes = try live.sandbox.inside(.host) {
        let session = try Session(at: PinRoot(root), timeout: .seconds(5), dryRun: true)
        return try RelayHost(
          Datapath(toChangeAt: PinRoot(root)), listen: [IPAddress(end.v4)],
          destinations: [IPAddress(Self.far)]
        ).prepare([name], in: session)
      }
      // Only of the family that it listens on.
      #expect(changes.count == 1 + 2 + 1, "\(changes)")
      #expect(try settings(live) == "0011")
      #expect(try neighbours(live, "proto 174").isEmpty)
    }

    @Test func aNeighbourOutlivesTheCarrier() throws {
      let live = try attached()
      let (v4, v6) = (live.sandbox.peer.v4, live.sandbox.peer.v6)
      func flap() throws {
        try live.sandbox.ip(in: .peer, ["link set \(live.sandbox.peer.interface) down"])
        #expect(
          try eventually {
            try live.sandbox.inside(.host) { [name = live.interface] in
              try LinkInfo.of(#require(Interface.index(of: name)))?.flags.contains(.carrier)
                == false
            }
          })
        Thread.sleep(forTimeInterval: 0.2)
      }
      try prepare(live)
      #expect(try eventually { try neighbours(live).filter { $0.contains("lladdr") }.count >= 2 })
      try flap()
      #expect(try neighbours(live, "proto 174").count == 2)
      let end = live.sandbox.peer
      try live.sandbox.ip(
        in: .peer,
        [
          "link set \(end.interface) up", "addr replace \(end.v6)/64 dev \(end.interface) nodad",
        ])
      for address in [v4, v6] {
        #expect(
          try eventually {
            try neighbours(live, "proto 174").contains {
              $0.hasPrefix(address + " ") && $0.contains("lladdr")
            }
          })
      }
      // What it is for: the kernel forgets even these otherwise.
      try sysctl(live, "echo 1 > /proc/sys/net/ipv4/conf/\(live.interface)/arp_evict_nocarrier")
      try flap()
      #expect(try !neighbours(live, "proto 174").contains { $0.hasPrefix(v4 + " ") })
      #expect(try !ask(live) { host, _ in try host.check() }.isEmpty)
      #expect(try prepare(live).count == 2)
    }

    @Test func aDestinationOnTheLinkIsItsOwnNextHop() throws {
      let live = try attached()
      let near =
        live.sandbox.peer.v4.split(separator: ".").dropLast().joined(separator: ".") + ".77"
      try prepare(live, to: [near])
      #expect(try neighbours(live, "proto 174").contains { $0.hasPrefix(near + " ") })
      // It does not answer.
      #expect(
        try eventually {
          try ask(live, to: [near]) { host, _ in try host.check() }
            .contains { $0.message.contains("\(near), the next hop to \(near)") }
        })
      // With only some of the destinations nothing is removed.
      #expect(try prepare(live, to: [], prunes: false) == [])
      try prepare(live, to: [])
      let left = try neighbours(live, "proto 174")
      #expect(left.count == 2 && !left.contains { $0.hasPrefix(near + " ") }, "\(left)")
    }

    @Test func everyPathIsFollowed() throws {
      let live = try attached()
      let start = live.sandbox.peer.v4.split(separator: ".").dropLast().joined(separator: ".")
      let paths = [70, 71].map { "nexthop via \(start).\($0) dev \(live.interface)" }
      try live.sandbox.ip(
        in: .host, ["route add 198.51.100.0/24 " + paths.joined(separator: " ")])
      try prepare(live, to: ["198.51.100.1"])
      let kept = try neighbours(live, "proto 174")
      #expect(kept.count { $0.hasPrefix("\(start).70 ") || $0.hasPrefix("\(start).71 ") } == 2)
    }

    @Test func whatCannotBeReachedIsNamed() throws {
      let live = try attached()
      try live.sandbox.ip(
        in: .host, ["route add unreachable 198.51.100.0/24", "route add blackhole 192.0.2.0/24"])
      let own = live.sandbox.host.v4
      let found = try ask(live, to: ["198.51.100.1", "192.0.2.1", own]) { host, _ in
        try host.check().map(\.message)
      }
      #expect(found.contains("there is no route to 192.0.2.1, 198.51.100.1"), "\(found)")
      #expect(found.contains("\(own) is an address of this host"), "\(found)")
    }

    @Test(arguments: [["detach", "IF"], ["detach", "--all"], ["unload", "--force"]])
    func itIsUndone(_ verb: [String]) throws {
      let live = try attached()
      // What somebody else keeps stays.
      try live.sandbox.ip(
        in: .host,
        ["neigh add \(live.sandbox.peer.v4) dev \(live.interface) managed extern_learn"])
      let changes = try prepare(live)
      #expect(changes.count == 1 + 4 + 1, "\(changes)")
      try live.ok(verb.map { $0 == "IF" ? live.interface : $0 })
      #expect(try settings(live) == "0011")
      #expect(try neighbours(live, "proto 174").isEmpty)
      #expect(try neighbours(live).contains { $0.contains("managed") })
    }

    @Test func itIsUndoneAlone() throws {
      let live = try attached()
      try prepare(live)
      let isChanged = { () throws -> Bool in
        try !ask(live) { host, session in
          try RelayHost.undo(Datapath(toChangeAt: session.root), in: session)
        }.isEmpty
      }
      #expect(try isChanged())
      #expect(try settings(live) == "0011")
      #expect(try neighbours(live, "proto 174").isEmpty)
      #expect(try !isChanged())
      try prepare(live)
      // No interface is named any more.
      #expect(try prepare(live, []) == ["\(live.interface) is as it was before"])
      #expect(try settings(live) == "0011")
    }

    @Test func whatWasSetBeforeStays() throws {
      let live = try attached()
      try sysctl(live, "echo 1 > /proc/sys/net/ipv4/conf/\(live.interface)/forwarding")
      try prepare(live)
      // Meanwhile the host becomes a router.
      try sysctl(live, "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding")
      try live.ok(["detach", live.interface])
      #expect(try settings(live) == "1111")
    }

    @Test func advertisedRoutesAreKept() throws {
      let live = try attached()
      let name = live.interface
      try live.sandbox.ip(
        in: .host, ["route add default via fe80::99 dev \(name) proto ra metric 5000"])
      try sysctl(live, "echo 1 > /proc/sys/net/ipv6/conf/\(name)/accept_ra")
      let error = #expect(throws: AegisError.self) { try prepare(live) }
      #expect(error?.message.contains("router advertises on \(name)") == true)
      #expect(error?.hint?.contains("echo 2 > /proc/sys/net/ipv6/conf/\(name)/accept_ra") == true)
      #expect(try settings(live) == "0011")
      try sysctl(live, "echo 2 > /proc/sys/net/ipv6/conf/\(name)/accept_ra")
      try prepare(live)
      #expect(try settings(live) == "1100")
    }

    @Test func onlyXDPWill() throws {
      let live = try attached()
      #expect(throws: AegisError.self) { try prepare(live, ["lo"]) }
      #expect(throws: AegisError.self) { try prepare(live, ["none"]) }
      try live.ok(["detach", live.interface])
      try live.ok(["attach", live.interface, "--mode", "tc"])
      let error = #expect(throws: AegisError.self) { try prepare(live) }
      #expect(error?.message.contains("XDP only") == true)
      let found = try ask(live) { host, _ in try host.check().map(\.message) }
      #expect(found.contains("\(live.interface) is attached by tc"))
    }

    @Test func aNameMayHaveDots() throws {
      let live = try attached()
      let name = "ae.0-\(live.interface.suffix(6)).x"
      try live.sandbox.ip(in: .host, ["link add \(name) type veth peer name aepeer"])
      try live.ok(["attach", name])
      #expect(try settings(live, of: name) == "0011")
      try prepare(live, [name])
      #expect(try settings(live, of: name) == "1100")
      try live.ok(["detach", name])
      #expect(try settings(live, of: name) == "0011")
    }
  }
}
