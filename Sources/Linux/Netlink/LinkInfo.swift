import CLinux

/// The kernel's description of an interface: `struct ifinfomsg` and the attributes after it.
public struct LinkInfo: Sendable {
  public let index: UInt32
  /// The type of its link layer: `ARPHRD_…` of `<linux/if_arp.h>`.
  public let hardwareType: UInt16
  public let flags: InterfaceFlags

  private let attributes: NetlinkAttributes
  private let information: NetlinkAttributes

  init?(_ message: NetlinkMessage) {
    guard let head = message.structure(ifinfomsg.self) else { return nil }
    index = UInt32(bitPattern: head.ifi_index)
    hardwareType = head.ifi_type
    flags = InterfaceFlags(rawValue: head.ifi_flags)
    attributes = message.attributes(after: ifinfomsg.self)
    information = attributes[CInt(IFLA_LINKINFO)].map { NetlinkMessage.attributes($0) } ?? [:]
  }

  public var name: String { attributes[CInt(IFLA_IFNAME)].map(Self.text) ?? "interface \(index)" }

  /// The kind of a virtual interface, such as `vlan`, `bond` or `veth`; nil for a physical one, and for the loopback.
  public var kind: String? { information[CInt(IFLA_INFO_KIND)].map(Self.text) }

  /// Empty if the interface has no hardware address.
  public var hardwareAddress: [UInt8] { attributes[CInt(IFLA_ADDRESS)].map(Array.init) ?? [] }

  public var isUp: Bool { flags.contains(.up) }

  /// Bytes of the longest packet, without its Ethernet header.
  public var mtu: UInt32 { attributes.value(CInt(IFLA_MTU), UInt32.self) ?? 0 }

  /// The bridge, bond or other interface that it is a port of.
  public var master: UInt32? { attributes.value(CInt(IFLA_MASTER), UInt32.self) }

  /// The kind of the interface that it is a port of; nil if it is no port.
  public var portKind: String? { information[CInt(IFLA_INFO_SLAVE_KIND)].map(Self.text) }

  /// Whether it is up and its link works, as far as the kernel has told others (`IFF_RUNNING`).
  public var isRunning: Bool { flags.contains(InterfaceFlags(rawValue: 1 << 6)) }

  /// Whether it is the loopback (`IFF_LOOPBACK`).
  public var isLoopback: Bool { flags.contains(InterfaceFlags(rawValue: 1 << 3)) }

  /// What its bridge does with its frames; nil if it is no port of a bridge.
  public var bridgePort: BridgePortSettings? {
    guard portKind == "bridge", let data = information[CInt(IFLA_INFO_SLAVE_DATA)]
    else { return nil }
    return BridgePortSettings(NetlinkMessage.attributes(data))
  }

  /// What a bridge does with frames that are not for it.
  public var bridge: BridgeSettings? { kind == "bridge" ? BridgeSettings(data) : nil }

  /// The interface below it, in the same namespace.
  public var lower: UInt32? {
    if attributes[CInt(IFLA_LINK_NETNSID)] != nil { return nil }
    return attributes.value(CInt(IFLA_LINK), UInt32.self)
  }

  /// Whether its packets begin with the IP header (`IFF_TUN`), although its type may be set to something else.
  public var isLayer3: Bool { kind == "tun" && data[CInt(IFLA_TUN_TYPE)]?.first == 1 }

  /// The attributes that are specific to its kind.
  var data: NetlinkAttributes {
    information[CInt(IFLA_INFO_DATA)].map { NetlinkMessage.attributes($0) } ?? [:]
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String {
    String(escaping: bytes.prefix { $0 != 0 })
  }
}

extension LinkInfo {
  /// An interface of the calling thread's network namespace.
  ///
  /// The corresponding netlink request is `RTM_GETLINK`.
  public static func of(_ index: UInt32) throws(SystemError) -> LinkInfo? {
    try ask(index, dump: false, about: "interface \(index)").first
  }

  /// All interfaces of the calling thread's network namespace.
  ///
  /// The corresponding netlink request is `RTM_GETLINK`.
  public static func all() throws(SystemError) -> [LinkInfo] {
    try ask(0, dump: true, about: "interfaces")
  }

  private static func ask(
    _ index: UInt32, dump: Bool, about subject: String
  ) throws(SystemError) -> [LinkInfo] {
    var request = ifinfomsg()
    request.ifi_index = CInt(bitPattern: index)
    var payload = NetlinkPayload()
    payload.append(request)
    payload.append(
      attribute: CInt(IFLA_EXT_MASK),
      withUnsafeBytes(of: UInt32(RTEXT_FILTER_SKIP_STATS), Array.init))
    let netlink = try Netlink(NETLINK_ROUTE, about: subject)
    return try netlink.ask(UInt16(RTM_GETLINK), dump: dump, payload).compactMap { LinkInfo($0) }
  }
}
