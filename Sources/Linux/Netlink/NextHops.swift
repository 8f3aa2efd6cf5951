import CLinux
import Glibc

/// Where the packets to an address go, by the routes of the network namespace of the thread that creates it.
public struct NextHops: ~Copyable {
  /// A neighbour that packets are handed to.
  public struct Hop: Sendable, Hashable {
    /// The gateway, or the address itself if that is on the link: octets in network order, 4 or 16 of them.
    public let address: [UInt8]
    public let ifindex: UInt32

    public init(address: [UInt8], ifindex: UInt32) {
      self.address = address
      self.ifindex = ifindex
    }
  }

  /// What becomes of packets to an address.
  public enum Way: Sendable, Equatable {
    /// One of these, of which there are several on a route of several paths.
    case hops([Hop])
    /// It is an address of this host, or of several hosts.
    case notForwarded
    case noRoute
  }

  private let netlink: Netlink

  public init() throws(SystemError) {
    netlink = try Netlink(NETLINK_ROUTE, about: "a route")
  }

  /// - Parameters:
  ///   - address: Octets in network order.
  ///   - source: The packets' source address, which routing rules may use. It may be no address of this host.
  ///
  /// The corresponding netlink request is `RTM_GETROUTE` with `RTM_F_FIB_MATCH`.
  public func way(to address: [UInt8], from source: [UInt8]? = nil) throws(SystemError) -> Way {
    do {
      return try ask(address, source)
    } catch {
      // For IPv4 the kernel takes only addresses of its own.
      if error.errno == EINVAL, source != nil { return try way(to: address) }
      let isUnreachable = [ENETUNREACH, EHOSTUNREACH, EACCES, EINVAL].contains(error.errno)
      if isUnreachable { return .noRoute }
      throw error
    }
  }

  private func ask(_ address: [UInt8], _ source: [UInt8]?) throws(SystemError) -> Way {
    var request = rtmsg()
    request.rtm_family = UInt8(address.count == 4 ? AF_INET : AF_INET6)
    request.rtm_dst_len = UInt8(8 * address.count)
    request.rtm_src_len = UInt8(8 * (source?.count ?? 0))
    request.rtm_flags = UInt32(RTM_F_FIB_MATCH)
    var payload = NetlinkPayload()
    payload.append(request)
    payload.append(attribute: CInt(RTA_DST.rawValue), address)
    if let source { payload.append(attribute: CInt(RTA_SRC.rawValue), source) }
    guard let answer = try netlink.ask(UInt16(RTM_GETROUTE), payload).first,
      let route = answer.structure(rtmsg.self)
    else { return .noRoute }
    if CInt(route.rtm_type) != CInt(RTN_UNICAST) {
      let isHere = [RTN_LOCAL, RTN_BROADCAST, RTN_ANYCAST, RTN_MULTICAST].contains {
        CInt($0) == CInt(route.rtm_type)
      }
      return isHere ? .notForwarded : .noRoute
    }
    let hops = Routes.nextHops(of: answer).map {
      Hop(address: $0.gateway ?? address, ifindex: $0.ifindex)
    }
    return hops.isEmpty ? .noRoute : .hops(hops)
  }
}
