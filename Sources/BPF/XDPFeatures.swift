import CLibBPF
import Glibc
public import Linux

/// The current XDP features of an interface, as in `enum netdev_xdp_act`.
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
  /// It sends frames that programs of other interfaces redirect to it (`ndo_xdp_xmit`).
  public static let transmit = XDPFeatures(rawValue: 1 << 2)
  /// Programs that run on the device.
  public static let offload = XDPFeatures(rawValue: 1 << 4)
  /// Packets in several buffers, for programs that declare `xdp.frags`.
  public static let fragments = XDPFeatures(rawValue: 1 << 5)

  /// It also sends redirected frames in several buffers.
  public static let transmitFragments = XDPFeatures(rawValue: 1 << 6)

  /// The features that the kernel reports for an interface; nil if the kernel is too old (before 6.3).
  ///
  /// The corresponding C function is `bpf_xdp_query` of libbpf 1.2 or later.
  public static func of(_ ifindex: UInt32) throws(SystemError) -> XDPFeatures? {
    let answers = try GenericNetlink.ask(
      BPF_NETDEV_FAMILY, about: Interface.description(of: ifindex), command: BPF_NETDEV_CMD_DEV_GET,
      attribute: (BPF_NETDEV_A_DEV_IFINDEX, withUnsafeBytes(of: ifindex, Array.init)))
    return answers?.first?.value(BPF_NETDEV_A_DEV_XDP_FEATURES, UInt64.self).map(Self.init)
  }
}
