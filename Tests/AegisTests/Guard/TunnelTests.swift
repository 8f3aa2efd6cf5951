import Testing

@testable import Aegis
@testable import Linux

/// What the kernel says of interfaces that cannot be made everywhere, built as it builds it.
@Suite("Tunnels")
struct TunnelTests {
  private typealias Attribute = (type: Int, value: [UInt8])

  private static func message<Head: BitwiseCopyable>(
    _ head: Head, _ attributes: [Attribute]
  ) -> NetlinkMessage {
    var payload = NetlinkPayload()
    payload.append(head)
    payload.bytes += nest(attributes)
    return NetlinkMessage(bytes: payload.bytes)
  }

  private static func nest(_ attributes: [Attribute]) -> [UInt8] {
    var payload = NetlinkPayload()
    for (type, value) in attributes { payload.append(attribute: CInt(type), value) }
    return payload.bytes
  }

  private static func attributes(_ attributes: [Attribute]) -> NetlinkAttributes {
    NetlinkMessage.attributes(nest(attributes)[...])
  }

  private static func word(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number, Array.init) }

  /// struct ifinfomsg, IFLA_IFNAME, IFLA_LINKINFO with the kind and its data.
  private static func link(
    _ kind: String, type: UInt16 = 1, _ data: [Attribute]
  ) -> NetlinkMessage {
    // Family, type, index, flags and change.
    let head = (UInt8(0), UInt8(0), type, Int32(7), UInt32(1), UInt32(0))
    return message(
      head,
      [
        (3, Array("t0".utf8) + [0]),
        (18, nest([(1, Array(kind.utf8) + [0]), (2, nest(data))])),
      ])
  }

  private static func tunnel(_ kind: String, _ data: [Attribute]) -> Tunnel? {
    LinkInfo(link(kind, data)).flatMap { Tunnel($0) }
  }

  private static let peer: [UInt8] = [192, 0, 2, 9]
  private static let port: [UInt8] = [0x12, 0xb5]

  @Test func ofUDPHaveAPort() throws {
    let vxlan = try #require(
      Self.tunnel("vxlan", [(1, Self.word(1)), (2, Self.peer), (3, Self.word(4)), (15, Self.port)]))
    #expect(vxlan.name == "t0" && vxlan.ifindex == 7 && vxlan.link == 4)
    #expect(vxlan.protocols == [17] && vxlan.port == 4789 && vxlan.peers == [Self.peer])
    let v6 = [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [9]
    let six = Self.tunnel("vxlan", [(16, v6), (15, Self.port)])
    #expect(six?.peers == [v6] && six?.link == nil)
    let geneve = Self.tunnel("geneve", [(2, Self.peer), (5, [0x17, 0xc1])])
    #expect(geneve?.port == 6081 && geneve?.peers == [Self.peer])
    #expect(Self.tunnel("bareudp", [(1, [0x19, 0xeb])])?.port == 6635)
  }

  @Test(
    arguments: [
      ("ipip", [4]), ("sit", [41]), ("ip6tnl", [41]), ("gre", [47]), ("gretap", [47]),
      ("erspan", [47]), ("ip6gre", [47]), ("ip6gretap", [47]), ("ip6erspan", [47]), ("vti", [50]),
      ("vti6", [50]),
    ] as [(String, [UInt8])])
  func ofIPHaveAProtocol(_ kind: String, protocols: [UInt8]) throws {
    let remote = kind.contains("gre") || kind.contains("erspan") ? 7 : kind.hasPrefix("vti") ? 5 : 3
    let tunnel = try #require(
      Self.tunnel(kind, [(1, Self.word(3)), (remote, Self.peer), (remote - 1, [10, 0, 0, 1])]))
    #expect(tunnel.protocols == protocols && tunnel.port == nil)
    #expect(tunnel.peers == [Self.peer] && tunnel.link == 3 && tunnel.carrier == 3)
    #expect(tunnel.isIPv6 == kind.hasPrefix("ip6") || kind == "vti6")
    #expect(Self.tunnel(kind, [(remote, [0, 0, 0, 0])])?.peers == [])
  }

  @Test func mayCarryAnotherFamilyOrBoth() {
    #expect(Self.tunnel("ipip", [(9, [137])])?.protocols == [137])
    #expect(Self.tunnel("sit", [(9, [0])])?.protocols == [4, 41])
    #expect(Self.tunnel("ip6tnl", [(9, [4])])?.protocols == [4])
  }

  @Test(arguments: [("ipip", 15), ("sit", 15), ("gre", 14)])
  func mayBeWithinUDP(_ kind: String, type: Int) {
    for encapsulation in [1, 2] as [UInt8] {
      let tunnel = Self.tunnel(kind, [(type, [encapsulation, 0])])
      #expect(tunnel?.protocols == [17] && tunnel?.port == nil)
    }
    #expect(Self.tunnel(kind, [(type, [0, 0])])?.protocols != [17])
  }

  @Test(arguments: ["veth", "vlan", "bridge", "tun", "macvlan", "bond", "macsec", ""])
  func areNotJustAnything(_ kind: String) {
    #expect(Self.tunnel(kind, []) == nil)
  }

  @Test func aGroupIsNoPeer() {
    #expect(Self.tunnel("vxlan", [(2, [239, 1, 1, 1])])?.peers == [])
    #expect(Self.tunnel("vxlan", [(16, [0xff] + [UInt8](repeating: 1, count: 15))])?.peers == [])
  }

  @Test func whatIsCutShortIsPassedOver() {
    let whole = Self.link("vxlan", [(2, Self.peer), (15, Self.port)]).bytes
    for length in 0..<whole.count {
      let tunnel = LinkInfo(NetlinkMessage(bytes: Array(whole.prefix(length)))).flatMap {
        Tunnel($0)
      }
      #expect(tunnel?.peers.isEmpty ?? true)
    }
  }

  @Test func peersOfWireGuardAreWhereTheyWereLastSeen() {
    // Each peer is an element of type 0.
    func peer(_ endpoint: [UInt8]?) -> Attribute {
      (0, Self.nest([(1, [UInt8](repeating: 7, count: 32))] + (endpoint.map { [(4, $0)] } ?? [])))
    }
    let v4: [UInt8] = [2, 0, 0xca, 0x6c] + Self.peer + [UInt8](repeating: 0, count: 8)
    let address = [0x20, 0x01, 0x0d, 0xb8] + [UInt8](repeating: 0, count: 11) + [9]
    let v6: [UInt8] = [10, 0, 0xca, 0x6c, 0, 0, 0, 0] + address + [0, 0, 0, 0]
    let device = WireGuardDevice([
      Self.attributes([(6, [0x6c, 0xca]), (8, Self.nest([peer(v4), peer(nil)]))]),
      Self.attributes([(8, Self.nest([peer(v6), peer([2, 0])]))]),
    ])
    #expect(device.port == 51820)
    #expect(device.peers == [Self.peer, address])
    #expect(WireGuardDevice([]).port == nil)
  }

  @Test func destinationsOfVXLANAreThoseOfItsTable() {
    // struct ndmsg: family, index, state, flags and type; NDA_DST.
    func entry(_ index: Int32, _ address: [UInt8]) -> NetlinkMessage {
      let head = (UInt8(7), UInt8(0), UInt16(0), index, UInt16(0), UInt8(0), UInt8(0))
      return Self.message(head, [(1, address)])
    }
    let entries = [
      entry(7, Self.peer), entry(7, Self.peer), entry(8, [10, 0, 0, 1]), entry(7, [10, 0, 0, 2]),
      entry(7, [1]),
    ]
    #expect(Neighbours.destinations(entries, of: 7) == [Self.peer, [10, 0, 0, 2]])
  }

  @Test func l2tpTellsByItself() throws {
    // Encapsulation, connection, remote address and local port.
    let udp = L2TPTunnels.tunnel(
      Self.attributes([(2, [0, 0]), (9, Self.word(5)), (25, Self.peer), (26, [0xa5, 0x06])]))
    #expect(udp?.name == "L2TP 5" && udp?.protocols == [17] && udp?.port == 1701)
    #expect(udp?.peers == [Self.peer])
    let ip = L2TPTunnels.tunnel(
      Self.attributes([(2, [1, 0]), (9, Self.word(6)), (25, Self.peer)]))
    #expect(ip?.protocols == [115] && ip?.port == nil)
    #expect(L2TPTunnels.tunnel(Self.attributes([(9, Self.word(6))])) == nil)
  }

  @Test func framesThatAreNotIPAreKnown() throws {
    let macsec = Self.message(
      (UInt8(0), UInt8(0), UInt16(1), Int32(7), UInt32(1), UInt32(0)),
      [
        (3, Array("m0".utf8) + [0]), (5, Self.word(4)),
        (18, Self.nest([(1, Array("macsec".utf8))])),
      ])
    let link = try #require(LinkInfo(macsec))
    #expect(CarriedFrames(link) == CarriedFrames(name: "m0", lower: 4))
    #expect(try CarriedFrames(#require(LinkInfo(Self.link("veth", [])))) == nil)
    let text = """
      Id       Address              Device
      00000100 00:00:5e:00:53:01     eth1

      """
    #expect(CarriedFrames.sessions(in: text).map(\.name) == ["PPPoE on eth1"])
    #expect(CarriedFrames.sessions(in: "").isEmpty)
  }

  @Test func aTunIsNoEthernetWhateverItsTypeSays() throws {
    let tun = try #require(LinkInfo(Self.link("tun", type: 1, [(3, [1])])))
    let tap = try #require(LinkInfo(Self.link("tun", type: 1, [(3, [2])])))
    #expect(!Interfaces.hasEthernetHeader(tun) && Interfaces.hasEthernetHeader(tap))
  }

  @Test func endsAreWatched() throws {
    let known = try #require(Self.tunnel("ipip", [(3, Self.peer), (9, [0])]))
    #expect(
      GuardedFlow.ends(of: known).map { "\($0.key)" } == ["192.0.2.9/ipip", "192.0.2.9/ipv6"])
    let unknown = try #require(Self.tunnel("geneve", [(5, [0x17, 0xc1])]))
    let ends = GuardedFlow.ends(of: unknown)
    #expect(ends.map { "\($0)" } == ["the tunnel t0, whose peers are not known"])
    #expect(ends.map(\.isUnknownPeer) == [true] && ends.first?.key.ports == .one(6081))
    let six = try #require(Self.tunnel("ip6gre", []))
    #expect(GuardedFlow.ends(of: six).first?.origin == .anyV6)
  }

  @Test(
    "have an Ethernet header or not, by their type",
    arguments: [
      (1, true), (772, true), (65534, false), (778, false), (768, false), (776, false),
      (769, false), (823, false), (512, false), (519, false), (32, false), (801, false),
      (824, false),
    ] as [(UInt16, Bool)])
  func linkLayer(type: UInt16, isEthernet: Bool) throws {
    let link = try #require(LinkInfo(Self.link("x", type: type, [])))
    #expect(Interfaces.hasEthernetHeader(link) == isEthernet)
  }

  @Test(
    "leases end, and are not advertised",
    arguments: [
      (2, 0x00, 3600, 0, true), (2, 0x80, UInt32.max, 0, false), (2, 0, UInt32.max, 0, false),
      (2, 0x01, 3600, 0, true), (10, 0, 3600, 0, true), (10, 0x100, 3600, 0, false),
      (10, 0x01, 3600, 0, false), (10, 0, 3600, 2, false), (10, 0x80, 3600, 0, false),
    ] as [(UInt8, UInt32, UInt32, UInt8, Bool)])
  func leases(family: UInt8, flags: UInt32, life: UInt32, origin: UInt8, isLeased: Bool) {
    let address = family == 2 ? Self.peer : [0x20, 1] + [UInt8](repeating: 0, count: 13) + [1]
    // struct ifaddrmsg; IFA_ADDRESS, IFA_CACHEINFO, IFA_FLAGS and IFA_PROTO.
    let head = (family, UInt8(24), UInt8(0), UInt8(0), UInt32(7))
    let message = Self.message(
      head,
      [
        (1, address), (6, Self.word(life) + Self.word(life) + Self.word(0) + Self.word(0)),
        (8, Self.word(flags)), (11, [origin]),
      ])
    let lease = LeasedAddress(message)
    #expect((lease != nil) == isLeased)
    if isLeased { #expect(lease?.address == address && lease?.ifindex == 7) }
  }
}
