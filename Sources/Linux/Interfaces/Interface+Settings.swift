import Glibc

extension Interface {
  /// A setting of an interface below `/proc/sys/net` that is on or off.
  public enum Setting: String, Sendable, CaseIterable {
    /// Whether packets that come in by it are forwarded.
    case forwardsIPv4 = "ipv4/conf/NAME/forwarding"
    case forwardsIPv6 = "ipv6/conf/NAME/forwarding"
    /// Whether its neighbours are forgotten when it loses its carrier.
    case forgetsIPv4 = "ipv4/conf/NAME/arp_evict_nocarrier"
    case forgetsIPv6 = "ipv6/conf/NAME/ndisc_evict_nocarrier"

    /// Its file. A name may contain dots, so that the words of sysctl(8) are no use.
    ///
    /// - Parameter name: An interface, or `all`.
    public func path(of name: String) -> String {
      let parts = rawValue.split(separator: "/").map { $0 == "NAME" ? name : String($0) }
      return "/proc/sys/net/" + parts.joined(separator: "/")
    }
  }

  /// Whether a setting is on; nil if the kernel does not have it, or has no such interface. The calling thread's network
  /// namespace counts.
  public static func isOn(_ setting: Setting, of name: String) throws(SystemError) -> Bool? {
    do {
      let text = try SystemFiles().read(setting.path(of: name))
      return text.prefix { $0.isNumber || $0 == "-" } != "0"
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }

  /// Switches a setting on or off.
  public static func set(
    _ setting: Setting, _ isOn: Bool, of name: String
  ) throws(SystemError) {
    try SystemFiles().write(isOn ? "1" : "0", to: setting.path(of: name))
  }

  /// Whether the kernel learns addresses and routes from IPv6 routers as long as the interface does not forward
  /// (`accept_ra` is 1).
  public static func learnsFromRouters(_ name: String) throws(SystemError) -> Bool {
    do {
      return try SystemFiles().read("/proc/sys/net/ipv6/conf/\(name)/accept_ra").hasPrefix("1")
    } catch {
      if error.errno == ENOENT { return false }
      throw error
    }
  }
}
