import CLinux
import Glibc

/// The forwarding tables of the calling thread's network namespace.
enum Neighbours {
  /// More hosts than any overlay has.
  private static let most = 4096

  /// The hosts that a VXLAN interface sends to: octets in network order, each once.
  ///
  /// The corresponding netlink request is `RTM_GETNEIGH` of the family `AF_BRIDGE`.
  static func destinations(of ifindex: UInt32) throws(SystemError) -> [[UInt8]] {
    let netlink = try Netlink(NETLINK_ROUTE, about: "the peers of interface \(ifindex)")
    netlink.setStrict()
    var request = ndmsg()
    request.ndm_family = UInt8(AF_BRIDGE)
    request.ndm_ifindex = CInt(bitPattern: ifindex)
    var payload = NetlinkPayload()
    payload.append(request)
    let answers = try netlink.ask(UInt16(RTM_GETNEIGH), dump: true, payload, most: most)
    return destinations(answers, of: ifindex)
  }

  static func destinations(_ messages: [NetlinkMessage], of ifindex: UInt32) -> [[UInt8]] {
    var seen: Set<[UInt8]> = []
    return messages.compactMap { message in
      guard let entry = message.structure(ndmsg.self),
        UInt32(bitPattern: entry.ndm_ifindex) == ifindex,
        let address = message.attributes(after: ndmsg.self)[CInt(NDA_DST)].map(Array.init),
        [4, 16].contains(address.count), seen.insert(address).inserted
      else { return nil }
      return address
    }
  }
}
