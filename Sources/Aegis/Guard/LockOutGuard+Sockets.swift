internal import CAegis
internal import Linux

/// Sockets of this host that get no packets any more.
public struct CutSocket: Hashable, Sendable {
  /// `tcp from 198.51.100.7:2049 to port 1023`, or `udp to port 123`.
  public let name: String
  /// Commands that let their packets in.
  public let remedy: String
}

extension LockOutGuard {
  /// The sockets of this host, besides those of servers for TCP, whose packets a plan would not let in: TCP connections
  /// that this host opened, and UDP sockets.
  ///
  /// - Parameters:
  ///   - main: What is changed in main before, if the plan is that of another profile.
  ///   - isNewly: Whether only those are meant whose packets come in now.
  public func sockets(
    cutBy plan: Plan, after main: Plan = .none, newly isNewly: Bool
  ) throws(AegisError) -> [CutSocket] {
    if isNewly && !(main.steps + plan.steps).mayCutOff { return [] }
    return try sockets(
      cutBy: plan.steps, after: main.steps, in: datapath, notIn: isNewly ? datapath : nil)
  }

  /// Those whose packets come in now, and would not if a profile were put into force.
  public func sockets(cutBySwitchingTo profile: Profile) throws(AegisError) -> [CutSocket] {
    let now = try ProfileTable(datapath).inForce().profile
    if now == profile { return [] }
    return try sockets(in: datapath[profile: profile], notIn: datapath[profile: now])
  }

  private func sockets(
    cutBy steps: [Plan.Step] = [], after first: [Plan.Step] = [], in view: Datapath,
    notIn former: Datapath?
  ) throws(AegisError) -> [CutSocket] {
    guard view.direction == .in else { return [] }
    let present = try attached()
    if present.isEmpty { return [] }
    let after = try ProspectivePolicy(view, steps, after: first)
    let before = try former.map { former throws(AegisError) in try ProspectivePolicy(former) }
    let passesReplies = try after.host.config().replyPorts != nil
    let paths = IngressPaths(present)
    var cut: [OpenSocket] = []
    for end in OpenSocket.all().uniqued() where end.arrives(by: paths) {
      guard try end.isCut(by: after, attached: present) else { continue }
      if let before, try end.isCut(by: before, attached: present) { continue }
      cut.append(end)
    }
    return OpenSocket.texts(cut, passesReplies: passesReplies, in: view.profile)
  }

  /// Whether a plan lets replies pass on a host that forwards packets, which are no replies.
  public func misses(forwardedBy plan: Plan) -> Bool {
    datapath.direction == .in && plan.steps.contains(.replies(true)) && Forwarding.isOn
  }
}

/// What this host waits for: packets from a peer, or from anybody, to a local port.
private struct OpenSocket: Hashable {
  let `protocol`: TransportProtocol
  let local: UInt16
  /// nil if the socket is not connected.
  let peer: IPAddress?
  let peerPort: UInt16
  /// The only interface that it takes packets from; 0 is any.
  let interface: UInt32

  /// Any address and port of a peer, where it does not matter which.
  private static let anybody = IPAddress.v4(198 << 24 | 51 << 16 | 100 << 8 | 1)

  /// What can be read of them: some kernels do not tell about sockets.
  static func all() -> [OpenSocket] {
    let own = Set(((try? InterfaceAddress.all()) ?? []).map(\.address))
    let served = Set(((try? TCPSockets.listening()) ?? []).map(\.localPort))
    let connected = ((try? TCPSockets.connected()) ?? [])
      .filter { !served.contains($0.localPort) && !own.contains($0.peer) }
      .compactMap { OpenSocket(.tcp, $0.localPort, $0.peer, $0.peerPort, by: $0.interface) }
    let datagrams = ((try? UDPSockets.all()) ?? [])
      .filter {
        !IPAddress.isOnlyLocal($0.local) && !own.contains($0.peer)
      }
      .compactMap { OpenSocket(.udp, $0.localPort, $0.peer, $0.peerPort) }
    return connected + datagrams
  }

  private init?(
    _ protocol: TransportProtocol, _ local: UInt16, _ octets: [UInt8], _ peerPort: UInt16,
    by interface: UInt32 = 0
  ) {
    (self.protocol, self.local, self.peerPort) = (`protocol`, local, peerPort)
    self.interface = interface
    let address = IPAddress(networkOrder: octets)?.unmapped
    peer = peerPort == 0 ? nil : address
    if peer?.isLoopback == true { return nil }
  }

  /// Whether its packets come in by one of some interfaces.
  func arrives(by paths: IngressPaths) -> Bool {
    guard let peer else { return true }
    return paths.see(
      GuardedFlow(role: .asked, source: peer, port: local, protocol: `protocol`))
  }

  /// A resolver that is not connected gets what its name servers send.
  private var queries: [PacketQuery] {
    let servers = peer == nil ? (NameServers.configured() ?? []).filter { !$0.isLoopback } : []
    let ends =
      peer.map { [($0, peerPort)] }
      ?? [(Self.anybody, local)] + servers.map { ($0, UInt16(53)) }
    return ends.map { address, port in
      var query = PacketQuery(
        source: address, sourcePort: port, port: local, protocol: `protocol`)
      query.header.tcpFlags = TCPFlags.ack
      return query
    }
  }

  /// Whether none of its packets get in.
  ///
  /// - Parameter attached: The interfaces with a program, which finds no socket of another one.
  func isCut(
    by policy: ProspectivePolicy, attached: Set<UInt32>
  ) throws(AegisError) -> Bool {
    let isFound = interface == 0 || attached.contains(interface)
    let state: SocketState = peer == nil ? .listen : isFound ? .established : .none
    for query in queries {
      let judgement = try policy.host.judge(query.frame, at: .now, charges: false, socket: state)
      if judgement.reason.verdict != .drop { return false }
    }
    return true
  }

  private static let mostPorts = 10

  static func texts(
    _ cut: [OpenSocket], passesReplies: Bool, in profile: Profile
  ) -> [CutSocket] {
    let ports = LocalPorts.now
    let isLoose = { (one: OpenSocket) in one.peer == nil && ports.contains(one.local) }
    let texts = cut.filter { !isLoose($0) }.map { one in
      one.text(
        canReply: ports.contains(one.local) && !passesReplies && one.interface == 0, in: profile)
    }
    .uniqued().sorted { $0.name < $1.name }
    let loose = Set(cut.filter(isLoose).map(\.local)).sorted()
    guard let first = loose.first else { return texts }
    let some = loose.prefix(mostPorts).map { "\($0)" }.joined(separator: ", ")
    let more = loose.count > mostPorts ? " and \(loose.count - mostPorts) more" : ""
    let range = "\(ports.lowerBound)-\(ports.upperBound)"
    return texts + [
      CutSocket(
        name: "udp to port \(some)\(more), not connected,",
        remedy: "aegisctl allow-key any:\(first)/udp, or for answers of name servers"
          + " aegisctl set-rule answers --source-port 53/udp --port \(range) --then allow"
          + profile.option)
    ]
  }

  /// - Parameter canReply: Whether its packets would come in if replies passed.
  private func text(canReply: Bool, in profile: Profile) -> CutSocket {
    guard let peer else {
      let isTime = local == 123
      let time = "set-rule time --source-port 123/udp --port 123 --then allow" + profile.option
      return CutSocket(
        name: "\(`protocol`) to port \(local)",
        remedy: "aegisctl " + (isTime ? time : "allow-key any:\(local)/\(`protocol`)"))
    }
    let from = peer.width == 128 ? "[\(peer)]:\(peerPort)" : "\(peer):\(peerPort)"
    let key = AllowKey(unchecked: Prefix(peer), .one(local), `protocol`)
    let replies = "set-default deny --replies" + profile.option
    return CutSocket(
      name: "\(`protocol`) from \(from) to port \(local)",
      remedy: "aegisctl " + (canReply ? replies : "allow-key \(key)"))
  }
}
