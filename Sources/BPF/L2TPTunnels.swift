import CLibBPF
import Glibc

/// L2TP tunnels: their interfaces do not tell that they are any.
public enum L2TPTunnels {
  /// Those of the calling thread's network namespace.
  ///
  /// The corresponding netlink request is `L2TP_CMD_TUNNEL_GET`.
  public static func all() throws(SystemError) -> [Tunnel] {
    let netlink = try Netlink(NETLINK_GENERIC, about: "L2TP tunnels")
    guard let family = try netlink.family(BPF_L2TP_FAMILY) else { return [] }
    var request = NetlinkPayload()
    request.append(genlmsghdr(cmd: UInt8(BPF_L2TP_CMD_TUNNEL_GET), version: 1, reserved: 0))
    return try netlink.ask(family, dump: true, request).compactMap(tunnel)
  }

  static func tunnel(_ message: NetlinkMessage) -> Tunnel? {
    let attributes = message.attributes(after: genlmsghdr.self)
    func number<Number: BitwiseCopyable>(_ type: CInt, _: Number.Type) -> Number? {
      attributes[type].flatMap { NetlinkMessage.load(Number.self, from: $0) }
    }
    let six = attributes[BPF_L2TP_ATTR_IP6_DADDR]
    guard let id = number(BPF_L2TP_ATTR_CONN_ID, UInt32.self),
      let peer = attributes[BPF_L2TP_ATTR_IP_DADDR] ?? six
    else { return nil }
    // L2TP_ENCAPTYPE_UDP; otherwise it is a protocol of its own.
    let isUDP = number(BPF_L2TP_ATTR_ENCAP_TYPE, UInt16.self) == 0
    return Tunnel(
      name: "L2TP \(id)", kind: "l2tp", protocol: isUDP ? CInt(IPPROTO_UDP) : 115,
      port: isUDP ? number(BPF_L2TP_ATTR_UDP_SPORT, UInt16.self) : nil, peers: [Array(peer)],
      isIPv6: six != nil)
  }
}
