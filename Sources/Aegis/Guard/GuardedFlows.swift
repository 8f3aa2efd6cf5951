internal import Linux

/// All flows that a change must not cut off.
struct GuardedFlows {
  private(set) var flows: [GuardedFlow] = []
  /// What could not be read: fewer flows are then guarded, and no change is refused because of it.
  private(set) var notes: [String] = []

  /// For a host with more SSH peers, or remote ends of tunnels, it is enough to guard the first of them.
  private static let mostPeers = 256

  /// - Parameters:
  ///   - session: The session according to the environment; if nil, the session of the terminal is searched for.
  ///   - asked: The flows named by the operator; a host without a port is taken for an SSH client.
  init(
    session: RemoteSession?, asked: [AllowKey], steps: [Plan.Step], direction: Direction = .in
  ) {
    let session =
      session ?? attempt { () throws(SystemError) in try RemoteSession.ofTerminal() } ?? nil
    guard direction == .in else {
      addLeaving(session, asked, steps)
      return
    }
    if let session {
      add(.ssh(session.peer, port: session.port, to: session.local, role: .session))
    }
    addSSHPeers(session, steps)
    for key in asked {
      guard let source = key.source?.address else { continue }
      let isSSH = key.ports == nil && key.protocol == nil
      add(
        GuardedFlow(
          role: .asked, source: source, port: isSSH ? session?.port ?? 22 : key.ports?.only,
          protocol: key.protocol ?? .tcp))
    }
    for gateway in attempt(Routes.defaultGateways) ?? [] {
      guard let address = IPAddress(networkOrder: gateway.address) else { continue }
      add(.gateway(address, ifindex: gateway.ifindex == 0 ? nil : gateway.ifindex))
    }
    addTunnels()
    addServers(
      lease: { .lease($0, length: $1.prefixLength, ifindex: $1.ifindex) },
      nameServer: GuardedFlow.nameServer)
  }

  private mutating func addServers(
    lease flow: (IPAddress, LeasedAddress) -> GuardedFlow,
    nameServer: (IPAddress) -> GuardedFlow
  ) {
    for lease in attempt(LeasedAddress.all) ?? [] {
      guard let address = IPAddress(networkOrder: lease.address) else { continue }
      add(flow(address, lease))
    }
    guard let servers = NameServers.configured() else {
      notes.append("the name servers are not guarded: cannot read /etc/resolv.conf")
      return
    }
    for server in servers { add(nameServer(server)) }
  }

  private mutating func addLeaving(
    _ session: RemoteSession?, _ asked: [AllowKey], _ steps: [Plan.Step]
  ) {
    if let session {
      add(
        .answers(to: session.peer, from: session.local, port: session.port, role: .session))
    }
    for socket in sshConnections(session, steps) {
      guard let peer = IPAddress(networkOrder: socket.peer) else { continue }
      addConnected(
        .answers(
          to: peer, from: IPAddress(networkOrder: socket.local), port: socket.localPort))
    }
    for key in asked {
      guard let address = key.source?.address else { continue }
      add(.answers(to: address, port: key.ports?.only ?? session?.port ?? 22, role: .asked))
    }
    let (ends, errors) = GuardedFlow.carried()
    notes += errors.map(Self.note)
    for var end in ends.prefix(Self.mostPeers) where end.origin == nil {
      end.direction = .out
      add(end)
    }
    for server in Set((attempt(UDPSockets.all) ?? []).filter { $0.peerPort == 123 }) {
      guard let address = IPAddress(networkOrder: server.peer) else { continue }
      add(.request(.timeServer, address.unmapped, port: 123))
    }
    addServers(
      lease: { .renewal($0, ifindex: $1.ifindex) },
      nameServer: { .request(.nameServer, $0, port: 53) })
  }

  private mutating func addTunnels() {
    let (ends, errors) = GuardedFlow.carried()
    for end in ends.prefix(Self.mostPeers) { add(end) }
    notes += errors.map(Self.note)
  }

  private static func note(_ error: SystemError) -> String {
    "the lock-out guard is incomplete: \(error)"
  }

  private mutating func addSSHPeers(_ session: RemoteSession?, _ steps: [Plan.Step]) {
    for socket in sshConnections(session, steps) {
      guard let peer = IPAddress(networkOrder: socket.peer) else { continue }
      addConnected(
        .ssh(peer, port: socket.localPort, to: IPAddress(networkOrder: socket.local)))
    }
  }

  /// One connection of each peer.
  private mutating func sshConnections(
    _ session: RemoteSession?, _ steps: [Plan.Step]
  ) -> [TCPSocket] {
    let own: Set<UInt16> = session.map { [$0.port] } ?? []
    let found = attempt { () throws(SystemError) -> [TCPSocket] in
      guard let hosts = steps.fewHosts else {
        let ports = try SSHPorts.listening().union(own)
        return try TCPSockets.established(.localPorts(ports.sorted()))
      }
      // If there is no connection at all, the ports need not be searched for.
      let sockets = try TCPSockets.established(.peers(hosts.map(\.networkOrder)))
      if sockets.isEmpty { return [] }
      let ports = try SSHPorts.listening().union(own)
      return sockets.filter { ports.contains($0.localPort) }
    }
    var peers: Set<[UInt8]> = []
    return (found ?? []).filter { peers.count < Self.mostPeers && peers.insert($0.peer).inserted }
  }

  private func index(of other: GuardedFlow) -> Int? {
    flows.firstIndex {
      $0.source == other.source && $0.port == other.port && $0.protocol == other.protocol
    }
  }

  private mutating func add(_ new: GuardedFlow) {
    let isElsewhere = new.origin != nil || !new.source.isLoopback
    if isElsewhere, index(of: new) == nil { flows.append(new) }
  }

  private mutating func addConnected(_ new: GuardedFlow) {
    add(new)
    if let index = index(of: new) { flows[index].isConnected = true }
  }

  private mutating func attempt<Result>(
    _ body: () throws(SystemError) -> Result
  ) -> Result? {
    do {
      return try body()
    } catch {
      notes.append(Self.note(error))
      return nil
    }
  }
}
