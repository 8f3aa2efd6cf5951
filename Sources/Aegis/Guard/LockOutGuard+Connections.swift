internal import Linux

extension LockOutGuard {
  /// The connections that this host made, to peers that a plan would no longer let it send to, as keys that would
  /// allow them; TCP connections, and connected UDP sockets.
  public func connections(cutBy plan: Plan) throws(AegisError) -> [AllowKey] {
    let steps = datapath.direction == .out ? plan.steps : Self.partOut(of: plan).steps
    guard steps.mayCutOff else { return [] }
    let after = try ProspectivePolicy(datapath[.out], steps)
    let before = try ProspectivePolicy(datapath[.out])
    var cut: [AllowKey] = []
    for flow in Self.made().uniqued() {
      if try after.judge(flow, from: flow.source).reason.verdict != .drop { continue }
      if try before.judge(flow, from: flow.source).reason.verdict == .drop { continue }
      cut.append(flow.key)
    }
    return cut.sorted()
  }

  /// What can be read of them: some kernels do not tell about sockets.
  private static func made() -> [GuardedFlow] {
    let served = Set(((try? TCPSockets.listening()) ?? []).map(\.localPort))
    let connected = ((try? TCPSockets.established(.none)) ?? [])
      .filter { !served.contains($0.localPort) }
      .map { ($0.peer, $0.peerPort, TransportProtocol.tcp) }
    let datagrams = ((try? UDPSockets.all()) ?? []).filter { $0.peerPort != 0 }
      .map { ($0.peer, $0.peerPort, TransportProtocol.udp) }
    return (connected + datagrams).compactMap { octets, port, `protocol` in
      guard let peer = IPAddress(networkOrder: octets)?.unmapped, !peer.isLoopback else {
        return nil
      }
      return GuardedFlow(
        role: .asked, direction: .out, source: peer, port: port, protocol: `protocol`)
    }
  }
}
