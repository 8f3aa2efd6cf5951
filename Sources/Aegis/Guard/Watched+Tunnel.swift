internal import BPF

extension Watched {
  /// The other ends of a tunnel: what it carries comes in as theirs.
  static func ends(of tunnel: Tunnel) -> [Watched] {
    let name = tunnel.name
    return tunnel.protocols.map { TransportProtocol(rawValue: $0) }.flatMap { carrier in
      let peers = tunnel.peers.compactMap { IPAddress(networkOrder: $0) }
      if peers.isEmpty {
        let anyone: Prefix = tunnel.isIPv6 ? .anyV6 : .anyV4
        return [
          Watched(
            role: .tunnel(name), source: anyone.address, port: tunnel.port, protocol: carrier,
            ifindex: tunnel.link, origin: anyone)
        ]
      }
      return peers.map {
        Watched(
          role: .tunnel(name), source: $0, port: tunnel.port, protocol: carrier,
          ifindex: tunnel.link)
      }
    }
  }

  /// Those of all tunnels that are up.
  static func tunnels() throws(BPFError) -> [Watched] { try Tunnel.all().flatMap(ends) }
}

extension Prefix {
  static let anyV4 = Prefix(masking: .v4(0), length: 0)
  static let anyV6 = Prefix(masking: .v6(0), length: 0)
  static let linkLocal = Prefix(masking: .v6(0xfe80 << 112), length: 10)
}
