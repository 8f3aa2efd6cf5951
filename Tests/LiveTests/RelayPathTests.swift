import Foundation
import TestSupport
import Testing

extension Kernel {
  /// How long packets through the relay may be, and the routes they take.
  struct RelayPathTests {
    private static let long = [UInt8](repeating: 1, count: 1400)

    @Test(
      "a client learns that a packet is too long for the way on, less the header",
      arguments: ["v4", "v6"])
    func tooLong(_ user: String) throws {
      let live = try RelayLive()
      let path = try live.path(user)
      try path.client.discoverMTU()
      #expect(try path.arrives(path.token.packet(Self.long)))
      try live.network.ip(in: live.network.router, "link set \(live.network.right.port) mtu 1280")
      RelayLive.waitForHops()
      let counted = try live.refusal(of: path.token.packet(Self.long), by: path)
      #expect(counted == ["drop.too-big": 1])
      #expect(throws: DatagramSocket.Fault.tooLong) {
        try path.send(path.token.packet(Self.long))
      }
      let headers = user == "v4" ? 28 : 48
      let fitting = [UInt8](repeating: 1, count: 1280 - headers)
      #expect(try path.arrives(path.token.packet(fitting)))
      #expect(throws: DatagramSocket.Fault.tooLong) {
        try path.send(path.token.packet(fitting + [1]))
      }
    }

    @Test(
      "a destination learns that a packet is too long for the way back", arguments: ["v4", "v6"])
    func tooLongBack(_ user: String) throws {
      let live = try RelayLive()
      let path = try live.path(user)
      #expect(try path.arrives(path.token.packet([1])))
      try path.destination.discoverMTU()
      try live.network.ip(in: live.network.router, "link set \(live.network.left.port) mtu 1280")
      RelayLive.waitForHops()
      try path.destination.send(Self.long, to: path.relay, port: path.ownPort)
      #expect(try path.client.receive(within: 0.1) == nil)
      #expect(throws: DatagramSocket.Fault.tooLong) {
        try path.destination.send(Self.long, to: path.relay, port: path.ownPort)
      }
    }

    @Test(
      "an error from behind the relay comes to the client as one about its own packet",
      arguments: ["v4", "v6"])
    func translated(_ user: String) throws {
      let live = try RelayLive()
      // The destination is behind one more router, whose next link is narrow.
      let right = live.network.right
      let isV4 = user == "v4"
      let destination = isV4 ? "10.79.0.2" : "fd79::2"
      let far = try FarEnd(behind: live.network, narrow: 1280)
      try live.ok([
        "relay-user", user, "--to", isV4 ? "\(destination):7777" : "[\(destination)]:7777",
      ])
      try live.network.ip(
        in: live.network.router,
        "\(isV4 ? "" : "-6 ")route add \(destination) via \(isV4 ? right.v4 : right.v6)")
      let client = try live.network.socket(
        in: live.network.left.namespace, bound: isV4 ? live.network.left.v4 : live.network.left.v6,
        port: 40_000)
      let token = RelayToken(try live.ok(["relay-token", user]))
      let relay = isV4 ? live.network.left.routerV4 : live.network.left.routerV6
      let receiver = try live.network.socket(in: far.namespace, bound: destination, port: 7777)
      try client.discoverMTU()
      try client.send(token.packet([1]), to: relay, port: RelayLive.port)
      #expect(try receiver.receive(within: 1) != nil)
      try client.send(token.packet(Self.long), to: relay, port: RelayLive.port)
      #expect(try receiver.receive(within: 0.3) == nil)
      let headers = isV4 ? 28 : 48
      #expect(throws: DatagramSocket.Fault.tooLong) {
        try client.send(
          token.packet([UInt8](repeating: 1, count: 1281 - headers)), to: relay,
          port: RelayLive.port)
      }
      try client.send(
        token.packet([UInt8](repeating: 1, count: 1280 - headers)), to: relay, port: RelayLive.port)
      #expect(try receiver.receive(within: 0.5) != nil)
    }

    @Test("without a next hop a packet is dropped as unroutable")
    func unroutable() throws {
      let live = try RelayLive()
      try live.ok(["relay-user", "away", "--to", "203.0.113.9:9"])
      let token = RelayToken(try live.ok(["relay-token", "away"]))
      let path = try live.path("v4")
      let counted = try live.refusal(of: token.packet([1]), by: path)
      #expect(counted == ["drop.relay-unroutable": 1])
      // Nobody has been heard of yet, so nothing goes back.
      try path.destination.send([1], to: path.relay, port: path.ownPort)
      #expect(try path.client.receive(within: 0.1) == nil)
    }
  }
}

/// A namespace behind the right end, over a link with a small MTU.
private final class FarEnd {
  let namespace = "aegis-\(RandomName.hex(6))f"

  init(behind network: RoutedNetwork, narrow mtu: Int) throws {
    let name = RandomName.hex(6)
    let right = network.right.namespace
    try Command(["ip", "netns", "add", namespace]).succeed()
    try network.ip(
      in: right, "link add an\(name) mtu \(mtu) type veth peer name af\(name) netns \(namespace)")
    try network.ip(in: right, "addr add 10.79.0.1/24 dev an\(name)")
    try network.ip(in: right, "addr add fd79::1/64 dev an\(name) nodad")
    try network.ip(in: right, "link set an\(name) up")
    try network.ip(in: namespace, "addr add 10.79.0.2/24 dev af\(name)")
    try network.ip(in: namespace, "addr add fd79::2/64 dev af\(name) nodad")
    try network.ip(in: namespace, "link set af\(name) up")
    try network.ip(in: namespace, "route add default via 10.79.0.1")
    try network.ip(in: namespace, "-6 route add default via fd79::1")
    for version in [4, 6] {
      try network.run(in: right, ["sysctl", "-qw", "net.ipv\(version).conf.all.forwarding=1"])
    }
  }

  deinit { _ = try? Command(["ip", "netns", "del", namespace]).run() }
}
