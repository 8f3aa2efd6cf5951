internal import Linux

extension GuardedFlow {
  /// The remote ends of a tunnel: the packets that it carries arrive from them.
  static func ends(of tunnel: Tunnel) -> [GuardedFlow] {
    let name = tunnel.name
    return tunnel.protocols.map { TransportProtocol(rawValue: $0) }.flatMap { carrier in
      let peers = tunnel.peers.compactMap { IPAddress(networkOrder: $0) }
      if peers.isEmpty {
        let anyone: Prefix = tunnel.isIPv6 ? .anyV6 : .anyV4
        return [
          GuardedFlow(
            role: .tunnel(name), source: anyone.address, port: tunnel.port, protocol: carrier,
            ifindex: tunnel.link, origin: anyone)
        ]
      }
      return peers.map {
        GuardedFlow(
          role: .tunnel(name), source: $0, port: tunnel.port, protocol: carrier,
          ifindex: tunnel.link)
      }
    }
  }

  /// An interface whose frames travel over another in a form that the datapath cannot read.
  static func frames(_ carried: CarriedFrames) -> GuardedFlow {
    GuardedFlow(
      role: .frames(carried.name), source: Prefix.anyV4.address, port: nil, protocol: .ipip,
      ifindex: carried.lower, origin: .anyV4)
  }

  /// The flows that carry packets of other interfaces that are up; and errors for those that could not be read.
  static func carried() -> (flows: [GuardedFlow], errors: [SystemError]) {
    var flows: [GuardedFlow] = []
    var errors: [SystemError] = []
    func attempt(_ body: () throws(SystemError) -> [GuardedFlow]) {
      do { flows += try body() } catch { errors.append(error) }
    }
    attempt { () throws(SystemError) in
      for link in try LinkInfo.all() where link.isUp {
        attempt { () throws(SystemError) in try Tunnel.of(link).map(ends) ?? [] }
        if let frames = CarriedFrames(link) { flows.append(.frames(frames)) }
      }
      return []
    }
    attempt { () throws(SystemError) in try L2TPTunnels.all().flatMap(ends) }
    attempt { () throws(SystemError) in try CarriedFrames.pppoe().map(frames) }
    return (flows, errors)
  }
}

extension Prefix {
  static let anyV4 = Prefix(masking: .v4(0), length: 0)
  static let anyV6 = Prefix(masking: .v6(0), length: 0)
  static let linkLocal = Prefix(masking: .v6(0xfe80 << 112), length: 10)
}
