import CLibBPF
import Glibc

/// Where a WireGuard interface listens, and where its peers were last seen.
struct WireGuardDevice {
  /// UDP; nil while it is down.
  private(set) var port: UInt16?
  /// Octets in network order.
  private(set) var peers: [[UInt8]] = []

  /// - Parameter messages: Answers to `WG_CMD_GET_DEVICE`. Many peers need several.
  init(_ messages: [NetlinkMessage]) {
    for message in messages {
      let attributes = message.attributes(after: genlmsghdr.self)
      let port = attributes[CInt(WGDEVICE_A_LISTEN_PORT.rawValue)].flatMap {
        NetlinkMessage.load(UInt16.self, from: $0)
      }
      if let port, port != 0 { self.port = port }
      let peers = attributes[CInt(WGDEVICE_A_PEERS.rawValue)] ?? []
      self.peers += NetlinkMessage.elements(peers).compactMap(Self.endpoint)
    }
  }

  /// The address in a `struct sockaddr`; nil of a peer that has not been heard of yet.
  private static func endpoint(_ peer: ArraySlice<UInt8>) -> [UInt8]? {
    guard let name = NetlinkMessage.attributes(peer)[CInt(WGPEER_A_ENDPOINT.rawValue)],
      let family = NetlinkMessage.load(UInt16.self, from: name)
    else { return nil }
    switch CInt(family) {
    case AF_INET where name.count >= 8: return Array(name.dropFirst(4).prefix(4))
    case AF_INET6 where name.count >= 24: return Array(name.dropFirst(8).prefix(16))
    default: return nil
    }
  }

  /// The corresponding netlink request is `WG_CMD_GET_DEVICE`.
  static func of(_ link: LinkInfo) throws(SystemError) -> WireGuardDevice {
    let netlink = try Netlink(NETLINK_GENERIC, about: link.name)
    guard let family = try netlink.family(WG_GENL_NAME) else { return WireGuardDevice([]) }
    var request = NetlinkPayload()
    request.append(
      genlmsghdr(
        cmd: UInt8(WG_CMD_GET_DEVICE.rawValue), version: UInt8(WG_GENL_VERSION), reserved: 0))
    request.append(
      attribute: CInt(WGDEVICE_A_IFINDEX.rawValue),
      withUnsafeBytes(of: link.index, Array.init))
    return WireGuardDevice(try netlink.ask(family, dump: true, request))
  }
}
