import CLinux
import Glibc

/// L2TP tunnels: their interfaces do not report that they are tunnels.
public enum L2TPTunnels {
  /// The tunnels of the calling thread's network namespace.
  ///
  /// The corresponding netlink request is `L2TP_CMD_TUNNEL_GET`.
  public static func all() throws(SystemError) -> [Tunnel] {
    let answers = try GenericNetlink.ask(
      LINUX_L2TP_FAMILY, about: "L2TP tunnels", command: LINUX_L2TP_CMD_TUNNEL_GET, dump: true)
    return answers?.compactMap(tunnel) ?? []
  }

  static func tunnel(_ attributes: NetlinkAttributes) -> Tunnel? {
    let six = attributes[LINUX_L2TP_ATTR_IP6_DADDR]
    guard let id = attributes.value(LINUX_L2TP_ATTR_CONN_ID, UInt32.self),
      let peer = attributes[LINUX_L2TP_ATTR_IP_DADDR] ?? six
    else { return nil }
    // L2TP_ENCAPTYPE_UDP; otherwise L2TP is an IP protocol of its own.
    let isUDP = attributes.value(LINUX_L2TP_ATTR_ENCAP_TYPE, UInt16.self) == 0
    return Tunnel(
      name: "L2TP \(id)", kind: "l2tp", protocol: isUDP ? CInt(IPPROTO_UDP) : 115,
      port: isUDP ? attributes.value(LINUX_L2TP_ATTR_UDP_SPORT, UInt16.self) : nil,
      peers: [Array(peer)],
      isIPv6: six != nil)
  }
}
