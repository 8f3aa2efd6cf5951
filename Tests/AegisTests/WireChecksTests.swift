import BPF
import Linux
import Testing

@testable import Aegis

@Suite("Why two ports cannot be a wire")
struct WireChecksTests {
  private static let settings = BridgeSettings(
    hasSTP: false, snoopsMulticast: false, forwardedGroups: WireChecks.forwardedGroups)

  private static func port(_ name: String) -> WirePort {
    WirePort(name: name, driver: "ice", mtu: 1500, xdp: [.native, .redirect, .transmit])
  }

  /// Findings about the ports a and b, after a change to the first.
  private func errors(
    open: Bool = false, native: Bool = true, _ change: (inout WirePort) -> Void = { _ in }
  ) -> [Finding] {
    checks(open: open, native: native, change).errors
  }

  private func checks(
    open: Bool = false, native: Bool = true, _ change: (inout WirePort) -> Void = { _ in }
  ) -> WireChecks {
    var ports = ["a", "b"].map(Self.port)
    for index in ports.indices {
      if open {
        ports[index].bridge = WirePort.Bridge(
          name: "br0", settings: Self.settings, hasAddress: false, ports: ["a", "b"])
        ports[index].bridgePort = BridgePortSettings()
      }
    }
    change(&ports[0])
    return WireChecks(ports: ports, ifDetached: open ? .open : .closed, isNative: native)
  }

  @Test func allIsWell() {
    #expect(errors() == [] && errors(open: true) == [] && checks().warnings == [])
  }

  private typealias Change = @Sendable (inout WirePort) -> Void

  private static let alone: [(Change, String, String?)] = [
    (
      { $0.addresses = [IPAddress(networkOrder: [192, 0, 2, 1])!] }, "a has the address 192.0.2.1",
      "ip address flush dev a"
    ),
    (
      {
        $0.routes = [.init(destination: "10.77.0.0/24", removal: "ip route del 10.77.0.0/24 dev a")]
      },
      "this host sends to 10.77.0.0/24 by a", "ip route del 10.77.0.0/24 dev a"
    ), ({ $0.uppers = ["a.5"] }, "a.5 is on top of a", "ip link delete a.5"),
    ({ $0.master = "bond0" }, "a is a port of bond0", "ip link set dev a nomaster"),
    (
      { $0.master = "b" }, "a is a port of b, the other port of the wire",
      "ip link set dev a nomaster"
    ),
    (
      { $0.bridge = .init(name: "b", settings: settings, hasAddress: false) },
      "a is a port of b, the other port of the wire", "ip link set dev a nomaster"
    ),
    (
      { $0.farEnd = .init(name: "v", master: "b") }, "b joins b and v, the other end of a",
      "ip link set dev v nomaster"
    ), ({ $0.farEnd = .init(name: "b") }, "a and b are the two ends of one veth pair", nil),
    (
      {
        $0.mtu = 9000
        $0.xdp = nil
      }, "a has an MTU of 9000, b of 1500", "ip link set dev b mtu 9000"
    ),
    (
      {
        $0.driver = "veth"
        $0.xdp = [.native]
        $0.farEnd = .init(name: "v")
      },
      "the driver of a takes no frames from another port", "ethtool -K v gro on"
    ),
    (
      {
        $0.driver = "veth"
        $0.xdp = [.native]
        $0.farEnd = .init(
          name: "v", offloads: ["rx-gro": .init(isOn: true, isChangeable: true)])
      },
      "the driver of a takes no frames from another port",
      "ethtool -K v gro off && ethtool -K v gro on"
    ),
  ]

  @Test("each has one message and one command", arguments: alone.indices)
  func plain(number: Int) {
    let (change, message, fix) = Self.alone[number]
    let found = errors(change)
    #expect(found.map(\.message) == [message])
    #expect(found.first?.fix == fix && found.first?.level == .error)
  }

  private static let bridged: [(Change, String, String)] = [
    ({ $0.bridge?.hasAddress = true }, "has an address", "ip address flush dev br0"),
    (
      { $0.bridge?.settings.hasSTP = true }, "does not forward every frame",
      "ip link set dev br0 type bridge stp_state 0 mcast_snooping 0 group_fwd_mask 65528"
    ),
    (
      { $0.bridge?.settings.filtersVLANs = true }, "does not forward every frame",
      "ip link set dev br0 type bridge stp_state 0 mcast_snooping 0 group_fwd_mask 65528 vlan_filtering 0"
    ), ({ $0.bridge?.isUp = false }, "the bridge br0 is down", "ip link set dev br0 up"),
    (
      { $0.bridge?.ports.append("c") }, "c is a port of the bridge br0 too",
      "ip link set dev c nomaster"
    ),
    (
      { $0.bridge?.ports = ["c", "a", "d", "b"] }, "c, d are ports of the bridge br0 too",
      "ip link set dev c nomaster && ip link set dev d nomaster"
    ),
    (
      { $0.bridgePort?.isForwarding = false }, "a is not in the forwarding state in the bridge br0",
      "bridge link set dev a state 3"
    ),
    (
      { $0.bridgePort?.isIsolated = true }, "a is isolated in the bridge br0",
      "bridge link set dev a isolated off"
    ),
    (
      { $0.bridgePort?.floods = false }, "a gets no frames for everybody in the bridge br0",
      "bridge link set dev a flood on mcast_flood on bcast_flood on"
    ),
  ]

  @Test(
    "the bridge of an open wire must forward everything, and nothing else",
    arguments: bridged.indices)
  func bridge(number: Int) {
    let (change, message, fix) = Self.bridged[number]
    let found = errors(open: true, change)
    #expect(found.count == 1 && found[0].message.contains(message), "\(found)")
    #expect(found.first?.fix == fix)
  }

  @Test("a port without a link is not forwarding, and will be")
  func noLink() {
    let found = errors(open: true) {
      $0.isRunning = false
      $0.bridgePort?.isForwarding = false
    }
    #expect(found == [])
  }

  @Test("the other end in a bridge with the other port is a loop")
  func farEndInBridge() {
    let found = errors(open: true) { $0.farEnd = .init(name: "v", master: "br0") }
    #expect(found.map(\.message) == ["br0 joins b and v, the other end of a"])
  }

  @Test("nothing is advised for the loopback")
  func loopback() {
    let found = errors {
      $0.isLoopback = true
      $0.mtu = 65_536
      $0.addresses = [IPAddress(networkOrder: [127, 0, 0, 1])!]
    }
    #expect(found.map(\.message) == ["a is the loopback"] && found[0].fix == nil)
    let error = AegisError(wire: ["a", "b"], found)
    #expect(error.message == "a and b cannot be a wire: a is the loopback" && error.hint == nil)
  }

  @Test("what the other end of a veth leaves to hardware")
  func farEnd() {
    func warnings(native: Bool = true, _ offloads: String...) -> [Finding] {
      checks(native: native) { port in
        port.driver = "veth"
        port.farEnd = .init(
          name: "v",
          offloads: Dictionary(
            uniqueKeysWithValues: offloads.map { ($0, .init(isOn: true, isChangeable: true)) }))
      }.warnings
    }
    let both = warnings("tx-vlan-hw-insert", "tx-checksum-ip-generic")
    #expect(
      both.map(\.message) == ["v, the other end of a, leaves VLAN tags and checksums to hardware"])
    #expect(both[0].fix == "ethtool -K v txvlan off tx off tx-vlan-stag-hw-insert off")
    #expect(both[0].level == .warning)
    #expect(warnings("tx-checksum-sctp")[0].message.contains("leaves checksums to"))
    #expect(warnings() == [] && warnings(native: false, "tx-vlan-hw-insert") == [])
  }

  @Test("what cannot be seen from here is a doubt, and no warning")
  func doubts() {
    let unseen = checks { $0.driver = "veth" }
    #expect(unseen.warnings == [] && unseen.errors == [])
    #expect(
      unseen.doubts.map(\.message) == [
        "the other end of a may leave VLAN tags and checksums to hardware"
      ])
    #expect(checks(native: false) { $0.driver = "veth" }.doubts == [] && checks().doubts == [])
  }
}
