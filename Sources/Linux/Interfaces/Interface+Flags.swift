import CLinux
import Glibc

/// Flags of an interface that an operator may set: `IFF_…` of `<linux/if.h>`.
public struct InterfaceFlags: OptionSet, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// It is up, as far as the operator is concerned.
  public static let up = InterfaceFlags(rawValue: 1 << 0)
  /// It does not use ARP.
  public static let noARP = InterfaceFlags(rawValue: 1 << 7)
  /// It receives packets for any hardware address.
  public static let promiscuous = InterfaceFlags(rawValue: 1 << 8)
  /// Its link has a carrier. Read-only.
  public static let carrier = InterfaceFlags(rawValue: 1 << 16)
}

extension Interface {
  /// Sets or clears one flag, and changes no other.
  ///
  /// The corresponding C function is `ioctl` with `SIOCSIFFLAGS`.
  public static func set(
    _ flag: InterfaceFlags, _ isOn: Bool, of name: String
  ) throws(SystemError) {
    try InterfaceRequest(name).set(flag, isOn)
  }

  private static func ipv6Setting(_ name: String) -> String {
    "/proc/sys/net/ipv6/conf/\(name)/disable_ipv6"
  }

  /// Whether the interface has no IPv6, not even a link-local address.
  public static func isIPv6Off(_ name: String) throws(SystemError) -> Bool {
    do {
      return try !SystemFiles().read(ipv6Setting(name)).hasPrefix("0")
    } catch {
      // A kernel without IPv6 has no such setting.
      if error.errno == ENOENT { return true }
      throw error
    }
  }

  /// Removes all IPv6 addresses of an interface, or lets it have them again.
  public static func setIPv6Off(_ isOff: Bool, of name: String) throws(SystemError) {
    try SystemFiles().write(isOff ? "1" : "0", to: ipv6Setting(name))
  }
}
