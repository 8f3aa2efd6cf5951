import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// What doctor tells of a relay that is on, and repair restores: with the verbs, as an operator does.
  @Suite struct RelayUpkeepTests {
    private static let far = "203.0.113.9"

    private func words(_ live: Live, _ directory: TemporaryDirectory) throws -> [String] {
      let key = try directory.file("key", ("1 " + String(repeating: "a1", count: 16)).utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
      return ["--listen", live.sandbox.host.v4 + ":4500", "--port-range", "20000-20099"]
        + ["--key-file", key]
    }

    @discardableResult
    private func set(
      _ live: Live, _ directory: TemporaryDirectory, _ more: [String]
    ) throws -> JSON {
      try live.ok(["set-relay"] + words(live, directory) + more)
    }

    private func state(_ live: Live) throws -> String {
      let name = live.interface
      return try live.sandbox.inside(.host) {
        try [Interface.Setting.forwardsIPv4, .forgetsIPv4].map {
          try Interface.isOn($0, of: name).map { $0 ? "1" : "0" } ?? "-"
        }.joined()
      }
    }

    private func neighbours(_ live: Live) throws -> Int {
      try live.sandbox.run(in: .host, ["ip", "neigh", "show", "proto", "174"])
        .output.split(separator: "\n").count
    }

    /// What doctor finds wrong with the relay, in JSON.
    private func findings(_ live: Live) throws -> [String] {
      let outcome = try live.run(["doctor", "-o", "json"])
      return try outcome.json["items"].array
        .filter { $0["check"].string == "relay" && $0["level"].string != "ok" }
        .compactMap { $0["message"].string }
    }

    private func repairs(_ live: Live) throws -> [JSON] {
      try live.ok(["repair"])["items"].array.filter { $0["name"].string == "relay" }
    }

    /// With a relay that is on, and a user behind the gateway.
    private func with(_ body: (Live, TemporaryDirectory) throws -> Void) throws {
      try TemporaryDirectory.with { directory in
        let live = try Live.attached(ipv6: true)
        try set(live, directory, [])
        try live.ok(["relay-user", "anna", "--to", Self.far + ":7"])
        try body(live, directory)
      }
    }

    @Test func anInterfaceIsPreparedAndRestored() throws {
      try with { live, directory in
        let name = live.interface
        #expect(try state(live) == "01")
        #expect(try findings(live).contains("\(name) does not forward IPv4"))
        // Nobody named an interface: nothing is changed.
        #expect(try repairs(live).isEmpty)
        let forward = ["--forward", name]
        #expect(try set(live, directory, forward)["changed"].bool == true)
        #expect(try state(live) == "10")
        #expect(try neighbours(live) == 1)
        #expect(try set(live, directory, forward)["changed"].bool == false)
        #expect(try set(live, directory, [])["changed"].bool == false)
        #expect(try eventually { try findings(live).isEmpty })
        #expect(try repairs(live).isEmpty)
        try live.ok(["set-relay", "--off"])
        #expect(try state(live) == "01")
        #expect(try neighbours(live) == 0)
      }
    }

    @Test func portsThatProgramsMayGetAreNamed() throws {
      try with { live, directory in
        try set(live, directory, ["--forward", live.interface])
        #expect(try eventually { try findings(live).isEmpty })
        let range = "net.ipv4.ip_local_port_range=20050 30000"
        try live.sandbox.run(in: .host, ["sysctl", "-qw", range])
        try live.sandbox.run(
          in: .host, ["sysctl", "-qw", "net.ipv4.ip_local_reserved_ports=25000"])
        let items = try live.run(["doctor", "-o", "json"]).json["items"].array
        let found = try #require(
          items.first { $0["message"].string?.hasSuffix("to a program: 20000-20099") == true })
        let fix = try #require(found["fix"].string)
        #expect(fix.hasSuffix("=25000,20000-20099"))
        try live.sandbox.run(in: .host, fix.split(separator: " ").map(String.init))
        #expect(try findings(live).isEmpty)
      }
    }

    /// A veth has queues, but no hash to choose among them.
    @Test func aDriverThatDoesNotSayIsLeftAlone() throws {
      let live = try Live.attached(ipv6: true)
      let name = live.interface
      let told = try live.sandbox.inside(.host) {
        try [false, true].map { try Interface.spreadsPorts(of: name, isIPv6: $0) }
      }
      #expect(told == [nil, nil])
    }

    @Test func repairRestoresWhatWasLost() throws {
      try with { live, directory in
        let name = live.interface
        try set(live, directory, ["--forward", name])
        try live.sandbox.ip(in: .host, ["neigh del \(live.peer) dev \(name)"])
        let setting = "/proc/sys/net/ipv4/conf/\(name)/forwarding"
        try live.sandbox.run(in: .host, ["sh", "-c", "echo 0 > \(setting)"])
        #expect(try findings(live).contains("\(name) does not forward IPv4"))
        #expect(try repairs(live).first?["action"].string == "restored")
        #expect(try state(live) == "10" && neighbours(live) == 1)
        // What was set in the meantime is not what it was before.
        try live.ok(["detach", name])
        #expect(try state(live) == "01")
      }
    }

    @Test func anInterfaceThatIsCreatedAgainIsPreparedAgain() throws {
      try with { live, directory in
        let (host, peer) = (live.sandbox.host, live.sandbox.peer)
        try set(live, directory, ["--forward", host.interface])
        try live.sandbox.ip(
          in: .host,
          [
            "link del \(host.interface)",
            "link add \(host.interface) type veth peer name \(peer.interface) netns \(peer.namespace)",
            "addr add \(host.v4)/24 dev \(host.interface)", "link set \(host.interface) up",
            "route add default via \(peer.v4)",
          ])
        try live.sandbox.ip(
          in: .peer,
          ["addr add \(peer.v4)/24 dev \(peer.interface)", "link set \(peer.interface) up"])
        #expect(try state(live) == "01")
        try live.ok(["repair"])
        #expect(try state(live) == "10" && neighbours(live) == 1)
        try live.ok(["unload", "--force"])
        #expect(try state(live) == "01" && neighbours(live) == 0)
      }
    }

    @Test func newDestinationsAreReached() throws {
      try with { live, directory in
        try set(live, directory, ["--forward", live.interface])
        let start = live.peer.split(separator: ".").dropLast().joined(separator: ".")
        try live.ok(["relay-user", "bert", "--to", start + ".77:7"])
        #expect(try neighbours(live) == 2)
        // The next repair forgets what leads nowhere.
        try live.ok(["relay-user", "bert", "--remove"])
        #expect(try repairs(live).count == 1)
        #expect(try neighbours(live) == 1)
      }
    }

    @Test func anotherInterfaceTakesItsPlace() throws {
      try with { live, directory in
        try live.sandbox.ip(in: .host, ["link add ae.x type veth peer name ae.y"])
        try live.ok(["attach", "ae.x"])
        try set(live, directory, ["--forward", live.interface])
        try set(live, directory, ["--forward", "ae.x"])
        #expect(try state(live) == "01")
        try set(live, directory, ["--forward", "none"])
        #expect(
          try live.fails(69, ["set-relay"] + words(live, directory) + ["--forward", "lo"])
            .contains("lo"))
      }
    }

    private func eventually(_ body: () throws -> Bool) throws -> Bool {
      for _ in 0..<60 {
        if try body() { return true }
        Thread.sleep(forTimeInterval: 0.05)
      }
      return false
    }
  }
}
