import CLibBPF
import Glibc

/// What an interface can do for XDP now, by `enum netdev_xdp_act`.
public struct XDPFeatures: OptionSet, Sendable {
  /// The kernel's bits.
  public let rawValue: UInt64

  /// Makes a set from the kernel's bits.
  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Native mode with `XDP_PASS`, `XDP_DROP` and `XDP_TX`.
  public static let native = XDPFeatures(rawValue: 1 << 0)
  /// `XDP_REDIRECT`.
  public static let redirect = XDPFeatures(rawValue: 1 << 1)
  /// Programs that run on the device.
  public static let offload = XDPFeatures(rawValue: 1 << 4)
  /// Packets in several buffers, for programs that declare `xdp.frags`.
  public static let fragments = XDPFeatures(rawValue: 1 << 5)

  /// What the kernel says of an interface; nil if it is too old (before 6.3) to say.
  ///
  /// The corresponding C function is `bpf_xdp_query` of libbpf 1.2 or later.
  public static func of(_ ifindex: UInt32) throws(SystemError) -> XDPFeatures? {
    let netlink = try Netlink(NETLINK_GENERIC, about: Interface.description(of: ifindex))
    guard let family = try netlink.family(BPF_NETDEV_FAMILY) else { return nil }
    var request = NetlinkPayload()
    request.append(genlmsghdr(cmd: UInt8(BPF_NETDEV_CMD_DEV_GET), version: 1, reserved: 0))
    request.append(
      attribute: BPF_NETDEV_A_DEV_IFINDEX, withUnsafeBytes(of: ifindex, Array.init))
    let answer = try netlink.ask(family, request, most: 1).first
    let bits = answer?.attributes(after: genlmsghdr.self)[BPF_NETDEV_A_DEV_XDP_FEATURES]
    return bits.flatMap { NetlinkMessage.load(UInt64.self, from: $0) }.map(Self.init)
  }
}
