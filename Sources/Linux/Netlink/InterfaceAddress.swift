import CLinux
import Glibc

/// An address of an interface in the calling thread's network namespace.
public struct InterfaceAddress: Sendable, Equatable {
  public let ifindex: UInt32
  /// Octets in network order, 4 or 16 of them.
  public let address: [UInt8]
  public let prefixLength: Int
  /// Whether it is valid on the link only, as IPv6 gives to every interface.
  public let isLinkLocal: Bool

  init?(_ message: NetlinkMessage) {
    guard let head = message.structure(ifaddrmsg.self) else { return nil }
    let attributes = message.attributes(after: ifaddrmsg.self)
    let address = attributes[CInt(IFA_LOCAL)] ?? attributes[CInt(IFA_ADDRESS)] ?? []
    guard [4, 16].contains(address.count) else { return nil }
    ifindex = head.ifa_index
    self.address = Array(address)
    prefixLength = Int(head.ifa_prefixlen)
    isLinkLocal =
      CInt(head.ifa_family) == AF_INET6 && CInt(head.ifa_scope) == CInt(RT_SCOPE_LINK.rawValue)
  }

  /// The corresponding netlink request is `RTM_GETADDR`.
  public static func all() throws(SystemError) -> [InterfaceAddress] {
    var request = NetlinkPayload()
    request.append(ifaddrmsg())
    return try Netlink(NETLINK_ROUTE, about: "addresses")
      .ask(UInt16(RTM_GETADDR), dump: true, request).compactMap { InterfaceAddress($0) }
  }
}
