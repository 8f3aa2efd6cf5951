import CLinux
import Glibc

/// An interface whose packets travel inside other IP packets, between hosts. An observer of those packets sees each of
/// these hosts as one source.
public struct Tunnel: Sendable, Equatable {
  public let name: String
  public let ifindex: UInt32
  /// `vxlan`, `ipip` and so on.
  public let kind: String
  /// The protocols of the packets that carry it: one, or several if the tunnel carries more than one family.
  public let protocols: [UInt8]
  /// The UDP destination port of these packets; nil for a protocol without ports, or if the port is not known.
  public private(set) var port: UInt16?
  /// The remote hosts: octets in network order. Empty if they are not known.
  public private(set) var peers: [[UInt8]]
  /// The interface that it is bound to.
  public let link: UInt32?
  public let isIPv6: Bool

  /// nil if the interface is not a tunnel.
  init?(_ info: LinkInfo) {
    guard let kind = info.kind, let shape = Shape.all[kind] else { return nil }
    let data = info.data
    func number<Number: BitwiseCopyable>(_ type: CInt?, _: Number.Type) -> Number? {
      type.flatMap { data.value($0, Number.self) }
    }
    name = info.name
    ifindex = info.index
    self.kind = kind
    let encapsulation = number(shape.encapsulation, UInt16.self) ?? 0
    let carried = number(shape.carried, UInt8.self) ?? shape.protocol
    protocols =
      Shape.inUDP.contains(encapsulation)
      ? [UInt8(IPPROTO_UDP)] : carried == 0 ? Shape.anyFamily : [carried]
    port = number(shape.port, UInt16.self).map(UInt16.init(bigEndian:))
    peers = shape.remotes.compactMap { data[$0].map(Array.init) }.filter(Self.isPeer)
    link = number(shape.link, UInt32.self).flatMap { $0 == 0 ? nil : $0 }
    isIPv6 = kind.hasPrefix("ip6") || kind == "vti6"
  }

  init(
    name: String, kind: String, protocol number: CInt, port: UInt16?, peers: [[UInt8]],
    isIPv6: Bool
  ) {
    self.name = name
    ifindex = 0
    self.kind = kind
    protocols = [UInt8(number)]
    self.port = port
    self.peers = peers.filter(Self.isPeer)
    link = nil
    self.isIPv6 = isIPv6
  }

  /// Whether the address is neither unspecified nor multicast.
  private static func isPeer(_ address: [UInt8]) -> Bool {
    guard address.contains(where: { $0 != 0 }) else { return false }
    return address.count == 4
      ? address[0] & 0xf0 != 0xe0 : address.count == 16 && address[0] != 0xff
  }

  /// All kinds.
  public static var kinds: Set<String> { Set(Shape.all.keys) }
}

extension Tunnel {
  /// The tunnel of an interface, including the peers that the interface itself does not report; nil if it is not a
  /// tunnel.
  public static func of(_ link: LinkInfo) throws(SystemError) -> Tunnel? {
    guard var tunnel = Tunnel(link) else { return nil }
    switch tunnel.kind {
    case "vxlan": tunnel.add(try Neighbours.destinations(of: link.index))
    case "wireguard":
      let device = try WireGuardDevice.of(link)
      tunnel.port = device.port
      tunnel.add(device.peers)
    case _ where tunnel.peers.isEmpty && !tunnel.isIPv6:
      // One tunnel with many peers: the routes through it name them.
      tunnel.add(try Routes.gateways(over: link.index))
    default: break
    }
    return tunnel
  }

  private mutating func add(_ addresses: [[UInt8]]) {
    for address in addresses where Self.isPeer(address) && !peers.contains(address) {
      peers.append(address)
    }
  }

  /// The index of the interface that its packets come in by; nil if that is not known.
  public var carrier: UInt32? {
    if let link { return link }
    return peers.first.flatMap { (try? Routes.interface(to: $0)) ?? nil }
  }
}

extension Tunnel {
  /// The attributes that describe tunnels of a kind.
  private struct Shape {
    /// The default, unless the interface reports it.
    let `protocol`: UInt8
    var carried: CInt?
    var link: CInt?
    var remotes: [CInt] = []
    var port: CInt?
    var encapsulation: CInt?

    /// `TUNNEL_ENCAP_FOU` and `TUNNEL_ENCAP_GUE`: within UDP, to a port that only the receiver knows.
    static let inUDP: Set<UInt16> = [1, 2]
    /// IPv4 and IPv6, for a tunnel that carries both.
    static let anyFamily: [UInt8] = [4, 41]

    /// The numbers are of <linux/if_tunnel.h>, which collides with <net/if.h>: `IFLA_IPTUN_…`, `IFLA_GRE_…` and
    /// `IFLA_VTI_…`.
    private static func ip(_ protocol: CInt) -> Shape {
      Shape(protocol: UInt8(`protocol`), carried: 9, link: 1, remotes: [3], encapsulation: 15)
    }
    private static let gre = Shape(
      protocol: UInt8(IPPROTO_GRE), link: 1, remotes: [7], encapsulation: 14)
    private static let vti = Shape(protocol: UInt8(IPPROTO_ESP), link: 1, remotes: [5])

    static let all: [String: Shape] = [
      "vxlan": Shape(
        protocol: UInt8(IPPROTO_UDP), link: CInt(IFLA_VXLAN_LINK),
        remotes: [CInt(IFLA_VXLAN_GROUP), CInt(IFLA_VXLAN_GROUP6)], port: CInt(IFLA_VXLAN_PORT)),
      "geneve": Shape(
        protocol: UInt8(IPPROTO_UDP),
        remotes: [CInt(IFLA_GENEVE_REMOTE), CInt(IFLA_GENEVE_REMOTE6)],
        port: CInt(IFLA_GENEVE_PORT)),
      "bareudp": Shape(protocol: UInt8(IPPROTO_UDP), port: CInt(IFLA_BAREUDP_PORT)),
      "wireguard": Shape(protocol: UInt8(IPPROTO_UDP)),
      "ipip": ip(4), "sit": ip(41), "ip6tnl": ip(41),
      "gre": gre, "gretap": gre, "erspan": gre,
      "ip6gre": gre, "ip6gretap": gre, "ip6erspan": gre,
      "vti": vti, "vti6": vti,
      "xfrm": Shape(protocol: UInt8(IPPROTO_ESP), link: CInt(IFLA_XFRM_LINK)),
    ]
  }
}
