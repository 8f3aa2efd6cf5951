import CLinux
import Glibc

/// The routes of the calling thread's network namespace.
public enum Routes {
  /// A gateway of a default route.
  public struct Gateway: Sendable {
    /// Octets in network order, 4 or 16 of them.
    public let address: [UInt8]
    /// Index of its interface; 0 if the route does not specify one.
    public let ifindex: UInt32
  }

  /// Default routes come first in a dump; a full Internet routing table must not be read to find them.
  private static let mostRoutes = 64
  /// The maximum number of hosts of an overlay.
  private static let mostGateways = 4096

  /// The gateways of the default routes of the main table.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE`.
  public static func defaultGateways() throws(SystemError) -> [Gateway] {
    var gateways: [Gateway] = []
    for family in [AF_INET, AF_INET6] {
      var request = rtmsg()
      request.rtm_family = UInt8(family)
      request.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
      gateways += try dump(request, most: mostRoutes).flatMap(gateways(of:))
    }
    return gateways
  }

  /// The gateways of the IPv4 routes of the main table that lead over an interface: octets in network order.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE`.
  public static func gateways(over ifindex: UInt32) throws(SystemError) -> [[UInt8]] {
    var request = rtmsg()
    request.rtm_family = UInt8(AF_INET)
    request.rtm_table = UInt8(RT_TABLE_MAIN.rawValue)
    return try dump(request, over: ifindex, most: mostGateways)
      .flatMap(hops(of:)).filter { $0.ifindex == ifindex }.map(\.address)
  }

  /// A network that is on the link.
  struct Network: Equatable {
    let ifindex: UInt32
    /// Octets in network order.
    let address: [UInt8]
    let length: Int
  }

  /// The IPv6 networks that routers advertise, marked `proto ra` by the kernel or the daemon that processes
  /// advertisements.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE`.
  static func advertised() throws(SystemError) -> [Network] {
    var request = rtmsg()
    request.rtm_family = UInt8(AF_INET6)
    request.rtm_protocol = UInt8(RTPROT_RA)
    return try dump(request, most: mostGateways).compactMap { message in
      let attributes = message.attributes(after: rtmsg.self)
      guard let route = message.structure(rtmsg.self), route.rtm_protocol == UInt8(RTPROT_RA),
        let address = attributes[CInt(RTA_DST.rawValue)],
        let ifindex = attributes.value(CInt(RTA_OIF.rawValue), UInt32.self)
      else { return nil }
      return Network(
        ifindex: ifindex, address: Array(address), length: Int(route.rtm_dst_len))
    }
  }

  /// The interfaces of the IPv6 default routes that routers advertise.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE`.
  public static func advertisedDefaults() throws(SystemError) -> [UInt32] {
    var request = rtmsg()
    request.rtm_family = UInt8(AF_INET6)
    request.rtm_protocol = UInt8(RTPROT_RA)
    return try dump(request, most: mostGateways).flatMap { message in
      guard let route = message.structure(rtmsg.self), route.rtm_protocol == UInt8(RTPROT_RA),
        route.rtm_dst_len == 0
      else { return [UInt32]() }
      return nextHops(of: message).map(\.ifindex)
    }
  }

  /// A route, as far as it is needed to remove it.
  public struct Route: Sendable, Equatable {
    /// The type if it is not unicast, as in ip-route(8).
    public let type: String?
    /// Octets in network order, 4 or 16 of them.
    public let destination: [UInt8]
    public let length: Int
    /// nil without one, or if there are several.
    public let gateway: [UInt8]?
    /// Whether it has more than one next hop.
    public let hasSeveralHops: Bool
    public let table: UInt32
    /// nil if it is the default.
    public let metric: UInt32?

    /// Whether it is in the table that `ip route` takes without being told.
    public var isInMain: Bool { table == UInt32(RT_TABLE_MAIN.rawValue) }
  }

  /// The routes of all tables that lead over an interface, but not those that the kernel makes for an address or a link.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE`.
  public static func all(over ifindex: UInt32) throws(SystemError) -> [Route] {
    var routes: [Route] = []
    for family in [AF_INET, AF_INET6] {
      var request = rtmsg()
      request.rtm_family = UInt8(family)
      routes += try dump(request, over: ifindex, most: mostGateways)
        .compactMap { route($0, over: ifindex) }
    }
    return routes
  }

  private static func route(_ message: NetlinkMessage, over ifindex: UInt32) -> Route? {
    guard let route = message.structure(rtmsg.self), route.rtm_protocol != UInt8(RTPROT_KERNEL)
    else { return nil }
    let attributes = message.attributes(after: rtmsg.self)
    let hops = indexes(attributes)
    // Older kernels dump everything.
    guard hops.contains(ifindex), let width = widths[CInt(route.rtm_family)] else { return nil }
    let metric = attributes.value(CInt(RTA_PRIORITY.rawValue), UInt32.self)
    let table = attributes.value(CInt(RTA_TABLE.rawValue), UInt32.self)
    return Route(
      type: types[CInt(route.rtm_type)],
      destination: attributes[CInt(RTA_DST.rawValue)].map(Array.init)
        ?? [UInt8](repeating: 0, count: width),
      length: Int(route.rtm_dst_len),
      gateway: hops.count > 1 ? nil : gateway(attributes, ifindex).first?.address,
      hasSeveralHops: hops.count > 1, table: table ?? UInt32(route.rtm_table),
      metric: metric == defaultMetrics[CInt(route.rtm_family)] ? nil : metric)
  }

  private static let widths = [AF_INET: 4, AF_INET6: 16]
  private static let defaultMetrics: [CInt: UInt32] = [AF_INET: 0, AF_INET6: 1024]
  private static let types = [
    CInt(RTN_LOCAL): "local", CInt(RTN_BROADCAST): "broadcast", CInt(RTN_ANYCAST): "anycast",
    CInt(RTN_MULTICAST): "multicast",
  ]

  /// The indexes of the interfaces that a route leads over.
  private static func indexes(_ attributes: NetlinkAttributes) -> [UInt32] {
    if let only = attributes.value(CInt(RTA_OIF.rawValue), UInt32.self) { return [only] }
    return nextHops(attributes).map { UInt32(bitPattern: $0.hop.rtnh_ifindex) }
  }

  /// The next hops of a route that has several, each with its attributes.
  private static func nextHops(
    _ attributes: NetlinkAttributes
  ) -> [(hop: rtnexthop, attributes: NetlinkAttributes)] {
    var found: [(hop: rtnexthop, attributes: NetlinkAttributes)] = []
    var hops = attributes[CInt(RTA_MULTIPATH.rawValue)] ?? []
    while let hop = NetlinkMessage.load(rtnexthop.self, from: hops),
      Int(hop.rtnh_len) >= MemoryLayout<rtnexthop>.size, Int(hop.rtnh_len) <= hops.count
    {
      let inner = hops.prefix(Int(hop.rtnh_len)).dropFirst(MemoryLayout<rtnexthop>.size)
      found.append((hop, NetlinkMessage.attributes(inner)))
      hops = hops.dropFirst((Int(hop.rtnh_len) + 3) & ~3)
    }
    return found
  }

  /// The interfaces that a route leads over, each with its gateway if it has one.
  static func nextHops(of message: NetlinkMessage) -> [(gateway: [UInt8]?, ifindex: UInt32)] {
    let attributes = message.attributes(after: rtmsg.self)
    guard let only = attributes.value(CInt(RTA_OIF.rawValue), UInt32.self) else {
      return nextHops(attributes).map { hop, attributes in
        let ifindex = UInt32(bitPattern: hop.rtnh_ifindex)
        return (gateway(attributes, ifindex).first?.address, ifindex)
      }
    }
    return [(gateway(attributes, only).first?.address, only)]
  }

  /// The routes that match a request, limited to one interface if given.
  private static func dump(
    _ request: rtmsg, over ifindex: UInt32? = nil, most: Int
  ) throws(SystemError) -> [NetlinkMessage] {
    let netlink = try Netlink(NETLINK_ROUTE, about: "routes")
    netlink.setStrict()
    var payload = NetlinkPayload()
    payload.append(request)
    if let ifindex {
      payload.append(
        attribute: CInt(RTA_OIF.rawValue), withUnsafeBytes(of: ifindex, Array.init))
    }
    return try netlink.ask(UInt16(RTM_GETROUTE), dump: true, payload, most: most)
  }

  private static func gateways(of message: NetlinkMessage) -> [Gateway] {
    guard let route = message.structure(rtmsg.self), route.rtm_dst_len == 0,
      route.rtm_table == UInt8(RT_TABLE_MAIN.rawValue)
    else { return [] }
    return hops(of: message)
  }

  private static func hops(of message: NetlinkMessage) -> [Gateway] {
    let attributes = message.attributes(after: rtmsg.self)
    let ifindex = attributes.value(CInt(RTA_OIF.rawValue), UInt32.self)
    return gateway(attributes, ifindex ?? 0)
      + nextHops(attributes).flatMap { hop, attributes in
        gateway(attributes, UInt32(bitPattern: hop.rtnh_ifindex))
      }
  }

  /// None, or one.
  private static func gateway(
    _ attributes: NetlinkAttributes, _ ifindex: UInt32
  ) -> [Gateway] {
    // RTA_VIA contains two octets that name the other family, followed by an address of that family.
    let address =
      attributes[CInt(RTA_GATEWAY.rawValue)] ?? attributes[CInt(RTA_VIA.rawValue)]?.dropFirst(2)
    guard let address, [4, 16].contains(address.count) else { return [] }
    return [Gateway(address: Array(address), ifindex: ifindex)]
  }

  /// The index of the outgoing interface for packets to an address; nil if there is no route.
  ///
  /// - Parameter source: The packets' source address, which routing rules may use.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE`.
  public static func interface(
    to address: [UInt8], from source: [UInt8]? = nil
  ) throws(SystemError) -> UInt32? {
    var request = rtmsg()
    request.rtm_family = UInt8(address.count == 4 ? AF_INET : AF_INET6)
    request.rtm_dst_len = UInt8(8 * address.count)
    request.rtm_src_len = UInt8(8 * (source?.count ?? 0))
    var payload = NetlinkPayload()
    payload.append(request)
    payload.append(attribute: CInt(RTA_DST.rawValue), address)
    if let source { payload.append(attribute: CInt(RTA_SRC.rawValue), source) }
    do {
      let answers = try Netlink(NETLINK_ROUTE, about: "a route").ask(
        UInt16(RTM_GETROUTE), payload)
      let attributes = answers.first?.attributes(after: rtmsg.self) ?? [:]
      return attributes.value(CInt(RTA_OIF.rawValue), UInt32.self)
    } catch {
      let isUnreachable = [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL].contains(error.errno)
      if isUnreachable { return nil }
      throw error
    }
  }
}
