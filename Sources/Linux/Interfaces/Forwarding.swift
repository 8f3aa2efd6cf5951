/// Whether packets for other hosts are forwarded, in the calling thread's network namespace.
public enum Forwarding {
  /// Whether it is on for IPv4, or for IPv6 on all interfaces.
  public static var isOn: Bool {
    ["ipv4/ip_forward", "ipv6/conf/all/forwarding"].contains { name in
      (try? SystemFiles().read("/proc/sys/net/\(name)"))?.first == "1"
    }
  }
}
