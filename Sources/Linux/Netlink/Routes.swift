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
    var found = gateway(attributes, ifindex ?? 0)
    var hops = attributes[CInt(RTA_MULTIPATH.rawValue)] ?? []
    while let hop = NetlinkMessage.load(rtnexthop.self, from: hops),
      Int(hop.rtnh_len) >= MemoryLayout<rtnexthop>.size, Int(hop.rtnh_len) <= hops.count
    {
      let inner = hops.prefix(Int(hop.rtnh_len)).dropFirst(MemoryLayout<rtnexthop>.size)
      found += gateway(NetlinkMessage.attributes(inner), UInt32(bitPattern: hop.rtnh_ifindex))
      hops = hops.dropFirst((Int(hop.rtnh_len) + 3) & ~3)
    }
    return found
  }

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
