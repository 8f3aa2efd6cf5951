import Aegis
import CBench
import Glibc
import Linux

/// A relay: the clients are behind its first port, and the destination behind the second. What it relays is what
/// arrives there.
class RelayCompetitor: WireCompetitor {
  /// What its users have in their tokens.
  var users: [bench_user] { [bench_user(session: 1, hash: 1)] }

  fileprivate static let destinationPort: UInt16 = 7
  /// In 172.16.0.0/12, of the second port.
  private var network: UInt32 { 0xac10_0000 + exit.index << 8 }
  fileprivate var destination: IPAddress { .v4(network + 2) }

  override init(_ name: String, _ crossing: Crossing, in lab: Lab) throws {
    try super.init(name, crossing, in: lab)
    try Shell.run(
      """
      set -e
      echo 1 >/proc/sys/net/ipv4/ip_forward
      for interface in all \(veth.interface) \(exit.interface); do
        echo 0 >/proc/sys/net/ipv4/conf/$interface/rp_filter
      done
      ip addr add \(IPAddress.v4(network + 1))/24 dev \(exit.interface)
      ip neigh replace \(destination) lladdr \(Frame.otherAddress) dev \(exit.interface) nud permanent
      """)
  }
}

/// The datapath as it is shipped.
final class AegisRelay: RelayCompetitor {
  private let aegis: AegisUnderTest
  private var own: [bench_user] = []

  override var users: [bench_user] { own }

  init(
    _ name: String, users count: Int, of clients: Clients, _ crossing: Crossing, in lab: Lab
  ) throws {
    aegis = try AegisUnderTest(name, users: UInt32(count), in: lab)
    try super.init(name, crossing, in: lab)
    let settings = try RelaySettings(
      listen: [RelayEndpoint("\(Frame.destinationText):\(Clients.port)")], ports: 5000...65535,
      keys: clients.keys)
    // So high that it is never reached, and each packet is judged by it all the same.
    let rate = try Rate(packets: 15_000_000, period: .second)
    let users = try (0..<count).map { number in
      // The range of ports has not enough for all users of one destination.
      let port = Self.destinationPort + UInt16(number / 50_000)
      return try RelayUserRequest(
        RelayName("user\(number)"), to: RelayEndpoint("\(destination):\(port)"), rate: rate,
        expires: nil)
    }
    own = try aegis.relay(settings, users).map {
      bench_user(session: $0.session, hash: $0.name.hash)
    }
  }

  override func attach() throws { try aegis.attach(to: veth.interface) }
  override func detach() throws { try aegis.detach(from: veth.interface) }
}

/// The address translation of nftables, which forwards for whoever sends.
final class NFTRelay: RelayCompetitor {
  private var table: String { "ip bench_\(veth.interface)" }

  init(_ crossing: Crossing, in lab: Lab) throws {
    try super.init("nftables DNAT", crossing, in: lab)
  }

  override func attach() throws {
    try Shell.run(
      """
      nft -f - <<'END'
      table \(table) {
        chain prerouting {
          type nat hook prerouting priority dstnat;
          iifname "\(veth.interface)" udp dport \(Clients.port) dnat to \(destination):\(Self.destinationPort)
        }
        chain postrouting {
          type nat hook postrouting priority srcnat;
          oifname "\(exit.interface)" masquerade
        }
      }
      END
      """)
  }

  override func detach() throws { try Shell.run("nft delete table \(table)") }
}

/// A relay in user space that checks the same tags.
final class UserSpaceRelay: RelayCompetitor {
  private let processor: Int
  private let relay: UnsafeMutablePointer<bench_relay>
  private var thread: PinnedThread?

  init(
    _ name: String, on processor: Int, of clients: Clients, _ crossing: Crossing, in lab: Lab
  ) throws {
    self.processor = processor
    relay = .allocate(capacity: 1)
    relay.initialize(to: bench_relay())
    try super.init(name, crossing, in: lab)
    relay.pointee.master = clients.master
    relay.pointee.address = Frame.destination
    relay.pointee.port = UInt32(Clients.port)
    if case .v4(let address) = destination { relay.pointee.destination = address }
    relay.pointee.destination_port = UInt32(Self.destinationPort)
  }

  deinit { relay.deallocate() }

  override func attach() throws {
    try Shell.run("ip addr add \(Frame.destinationText)/32 dev \(veth.interface)")
    relay.pointee.stop = 0
    relay.pointee.is_ready = 0
    thread = PinnedThread(on: processor) { [relay] in
      let code = bench_relay(relay)
      if code < 0 { throw SystemError(operation: "relay", subject: "UDP", errno: -code) }
    }
    for _ in 0..<1000 where relay.pointee.is_ready == 0 { usleep(1000) }
  }

  override func detach() throws {
    relay.pointee.stop = 1
    defer { thread = nil }
    try thread?.join()
    try Shell.run("ip addr del \(Frame.destinationText)/32 dev \(veth.interface)")
  }
}
