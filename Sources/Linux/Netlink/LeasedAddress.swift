import CLinux
import Glibc

/// An address of the calling thread's network namespace that expires unless a DHCP server renews it.
public struct LeasedAddress: Sendable, Equatable {
  public let ifindex: UInt32
  /// Octets in network order, 4 or 16 of them.
  public let address: [UInt8]
  /// The prefix length of its network.
  public let prefixLength: Int

  /// nil for a permanent address, and for one from a router advertisement: advertisements come without a request.
  init?(_ message: NetlinkMessage) {
    guard let head = message.structure(ifaddrmsg.self) else { return nil }
    let attributes = message.attributes(after: ifaddrmsg.self)
    let flags = attributes.value(CInt(IFA_FLAGS), UInt32.self) ?? UInt32(head.ifa_flags)
    let life = attributes.value(CInt(IFA_CACHEINFO), ifa_cacheinfo.self)?.ifa_valid ?? .max
    let address =
      attributes[CInt(IFA_LOCAL)] ?? attributes[CInt(IFA_ADDRESS)] ?? []
    guard flags & UInt32(IFA_F_PERMANENT) == 0, life != .max, [4, 16].contains(address.count)
    else { return nil }
    let advertised = UInt32(IFA_F_MANAGETEMPADDR | IFA_F_TEMPORARY)
    let origin = attributes.value(CInt(IFA_PROTO), UInt8.self)
    if CInt(head.ifa_family) == AF_INET6,
      flags & advertised != 0 || origin == UInt8(IFAPROT_KERNEL_RA)
    {
      return nil
    }
    ifindex = head.ifa_index
    self.address = Array(address)
    prefixLength = Int(head.ifa_prefixlen)
  }

  private func isIn(_ network: Routes.Network) -> Bool {
    network.ifindex == ifindex && network.length == prefixLength
      && network.address.prefix(8) == address.prefix(8)
  }

  /// The corresponding netlink request is `RTM_GETADDR`.
  public static func all() throws(SystemError) -> [LeasedAddress] {
    var request = NetlinkPayload()
    request.append(ifaddrmsg())
    let answers = try Netlink(NETLINK_ROUTE, about: "addresses").ask(
      UInt16(RTM_GETADDR), dump: true, request)
    let leased = answers.compactMap { LeasedAddress($0) }
    guard leased.contains(where: { $0.address.count == 16 }) else { return leased }
    // Daemons that process router advertisements themselves mark the route to the network, but not the address.
    let advertised = try Routes.advertised()
    return leased.filter { lease in
      !advertised.contains { lease.prefixLength == 64 && lease.isIn($0) }
    }
  }
}
