import CLinux
import Glibc

/// The port that a WireGuard interface listens on, and the last known addresses of its peers.
struct WireGuardDevice {
  /// The UDP port; nil while the interface is down.
  private(set) var port: UInt16?
  /// Octets in network order.
  private(set) var peers: [[UInt8]] = []

  /// - Parameter answers: The answers to `WG_CMD_GET_DEVICE`. Many peers need several answers.
  init(_ answers: [NetlinkAttributes]) {
    for attributes in answers {
      let port = attributes.value(CInt(WGDEVICE_A_LISTEN_PORT.rawValue), UInt16.self)
      if let port, port != 0 { self.port = port }
      let peers = attributes[CInt(WGDEVICE_A_PEERS.rawValue)] ?? []
      self.peers += NetlinkMessage.elements(peers).compactMap(Self.endpoint)
    }
  }

  /// The address in a `struct sockaddr`; nil for a peer that has not been heard from yet.
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
    let answers = try GenericNetlink.ask(
      WG_GENL_NAME, about: link.name, command: CInt(WG_CMD_GET_DEVICE.rawValue),
      attribute: (CInt(WGDEVICE_A_IFINDEX.rawValue), withUnsafeBytes(of: link.index, Array.init)),
      dump: true)
    return WireGuardDevice(answers ?? [])
  }
}
