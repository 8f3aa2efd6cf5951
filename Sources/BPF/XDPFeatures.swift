import CLibBPF
import Glibc

/// What an interface can do for XDP now, by `enum netdev_xdp_act`.
public struct XDPFeatures: OptionSet, Sendable {
  public let rawValue: UInt64

  public init(rawValue: UInt64) {
    self.rawValue = rawValue
  }

  /// Native mode with `XDP_PASS`, `XDP_DROP` and `XDP_TX`.
  public static let native = XDPFeatures(rawValue: 1 << 0)
  public static let redirect = XDPFeatures(rawValue: 1 << 1)
  public static let offload = XDPFeatures(rawValue: 1 << 4)
  /// Packets in several buffers, for programs that declare `xdp.frags`.
  public static let fragments = XDPFeatures(rawValue: 1 << 5)

  /// What the kernel says of an interface; nil if it is too old (before 6.3) to say.
  ///
  /// The corresponding C function is `bpf_xdp_query` of libbpf 1.2 or later.
  public static func of(_ ifindex: UInt32) throws(BPFError) -> XDPFeatures? {
    let netlink = try NetlinkSocket(
      NETLINK_GENERIC, subject: Interface.description(of: ifindex))
    guard let family = try family(over: netlink) else { return nil }
    let index = NetlinkSocket.attribute(
      UInt16(BPF_NETDEV_A_DEV_IFINDEX), withUnsafeBytes(of: ifindex, Array.init))
    let answer = try netlink.ask(
      family, command: UInt8(BPF_NETDEV_CMD_DEV_GET), version: 1, index)
    guard let bits = answer[UInt16(BPF_NETDEV_A_DEV_XDP_FEATURES)], bits.count == 8 else {
      return nil
    }
    return XDPFeatures(rawValue: bits.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
  }

  private static func family(
    over netlink: borrowing NetlinkSocket
  ) throws(BPFError) -> UInt16? {
    let name = NetlinkSocket.attribute(
      UInt16(CTRL_ATTR_FAMILY_NAME), Array(BPF_NETDEV_FAMILY.utf8) + [0])
    do {
      let answer = try netlink.ask(
        UInt16(GENL_ID_CTRL), command: UInt8(CTRL_CMD_GETFAMILY), version: 1, name)
      guard let id = answer[UInt16(CTRL_ATTR_FAMILY_ID)], id.count == 2 else { return nil }
      return id.withUnsafeBytes { $0.loadUnaligned(as: UInt16.self) }
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }
}
