import Linux
import Testing

@testable import Aegis

@Suite("What keeps a relay from working well")
struct RelayChecksTests {
  private static func local(
    _ range: String = "32768\t60999\n", reserved: String = "\n"
  ) throws -> LocalPorts {
    try #require(LocalPorts(range: range, reserved: reserved))
  }

  private func finding(
    _ port: UInt16, _ ports: ClosedRange<UInt16>, _ local: LocalPorts
  ) throws -> Finding? {
    let settings = try RelaySettings(
      listen: [RelayEndpoint("192.0.2.1:\(port)")], ports: ports,
      keys: [RelayKey(number: 1, secret: .init(low: 1, high: 2))])
    return RelayChecks.ports(settings, local)
  }

  @Test("ports that programs may get are named, with the command that reserves them")
  func localPorts() throws {
    #expect(try finding(4500, 20000...29999, Self.local()) == nil)
    #expect(try finding(4500, 20000...32767, Self.local()) == nil)
    let one = try #require(try finding(4500, 20000...32768, Self.local()))
    #expect(one.level == .warning && one.message.hasSuffix(": 20000-32768"))
    #expect(one.fix == "sysctl -w net.ipv4.ip_local_reserved_ports=20000-32768")
    let two = try #require(
      try finding(51820, 60999...61000, Self.local(reserved: "8080,9148-9150\n")))
    #expect(
      two.fix == "sysctl -w net.ipv4.ip_local_reserved_ports=8080,9148-9150,51820,60999-61000")
    #expect(try finding(51820, 61000...62000, Self.local())?.message.hasSuffix(": 51820") == true)
  }

  @Test("ports that are reserved are not")
  func reserved() throws {
    for list in ["40000-40099", "1,40050-40099,40000-40049,50000", "30000-50000"] {
      #expect(try finding(4500, 40000...40099, Self.local(reserved: list)) == nil, "\(list)")
    }
    for list in ["40001-40099", "40000-40049,40051-40099", "40000"] {
      #expect(try finding(4500, 40000...40099, Self.local(reserved: list)) != nil, "\(list)")
    }
    // Only what is in the range has to be.
    #expect(try finding(4500, 30000...33000, Self.local(reserved: "32768-33000")) == nil)
  }

  @Test("other text is no range", arguments: ["", "1", "2 1", "a b", "1 65536", "1 2 3"])
  func invalid(_ text: String) {
    #expect(LocalPorts(range: text, reserved: "") == nil)
  }

  @Test("queues that are chosen by addresses only are named where packets of the relay come in")
  func queues() throws {
    func findings(_ change: (inout RelayFacts) -> Void) -> [Finding] {
      var facts = RelayFacts()
      facts.ports = [
        .init(name: "eth0", ifindex: 1, mode: .native), .init(name: "eth1", ifindex: 2),
      ]
      facts.listening = [1]
      change(&facts)
      return RelayChecks(facts: facts).findings
    }
    #expect(findings { _ in } == [])
    let found = findings { $0.ports[0].bunched = ["udp4", "udp6"] }
    #expect(found.count == 1 && found[0].level == .warning)
    #expect(
      found[0].fix
        == "ethtool -N eth0 rx-flow-hash udp4 sdfn && ethtool -N eth0 rx-flow-hash udp6 sdfn")
    #expect(findings { $0.ports[1].bunched = ["udp4"] } == [])
  }
}
