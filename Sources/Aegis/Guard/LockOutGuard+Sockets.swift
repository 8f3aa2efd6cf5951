internal import CAegis
internal import Linux

/// A socket of this host that gets no packets any more.
public struct CutSocket: Hashable, Sendable {
  /// `tcp from 198.51.100.7:2049 to port 1023`, or `udp to port 123`.
  public let name: String
  /// A command that lets its packets in.
  public let remedy: String
}

extension LockOutGuard {
  /// The sockets of this host, besides those of servers for TCP, whose packets a plan would no longer let in: TCP
  /// connections that this host opened, and UDP sockets.
  public func sockets(cutBy plan: Plan) throws(AegisError) -> [CutSocket] {
    guard datapath.direction == .in, plan.steps.mayCutOff else { return [] }
    let after = try ProspectivePolicy(datapath, plan.steps)
    let before = try ProspectivePolicy(datapath)
    let ports = LocalPorts.now
    let passesReplies = try after.host.config().replyPorts != nil
    var cut: [CutSocket] = []
    for end in OpenSocket.all().uniqued() {
      guard try end.isCut(by: after) else { continue }
      if try end.isCut(by: before) { continue }
      cut.append(end.cut(ports, passesReplies: passesReplies))
    }
    return cut.uniqued().sorted { $0.name < $1.name }
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

  /// Any address and port of a peer, where it does not matter which.
  private static let anybody = IPAddress.v4(198 << 24 | 51 << 16 | 100 << 8 | 1)

  /// What can be read of them: some kernels do not tell about sockets.
  static func all() -> [OpenSocket] {
    let served = Set(((try? TCPSockets.listening()) ?? []).map(\.localPort))
    let connected = ((try? TCPSockets.established(.none)) ?? [])
      .filter { !served.contains($0.localPort) }
      .compactMap { OpenSocket(.tcp, $0.localPort, $0.peer, $0.peerPort) }
    let datagrams = ((try? UDPSockets.all()) ?? [])
      .filter { IPAddress(networkOrder: $0.local)?.unmapped.isOnlyLocal != true }
      .compactMap { OpenSocket(.udp, $0.localPort, $0.peer, $0.peerPort) }
    return connected + datagrams
  }

  private init?(
    _ protocol: TransportProtocol, _ local: UInt16, _ octets: [UInt8], _ peerPort: UInt16
  ) {
    (self.protocol, self.local, self.peerPort) = (`protocol`, local, peerPort)
    let address = IPAddress(networkOrder: octets)?.unmapped
    peer = peerPort == 0 ? nil : address
    if peer?.isLoopback == true { return nil }
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
  func isCut(by policy: ProspectivePolicy) throws(AegisError) -> Bool {
    for query in queries {
      let judgement = try policy.host.judge(
        query.frame, at: .now, charges: false, socket: peer == nil ? .listen : .established)
      if judgement.reason.verdict != .drop { return false }
    }
    return true
  }

  func cut(_ ports: ClosedRange<UInt16>, passesReplies: Bool) -> CutSocket {
    guard let peer else {
      return CutSocket(name: "\(`protocol`) to port \(local)", remedy: "aegisctl \(opening(ports))")
    }
    let from = peer.width == 128 ? "[\(peer)]:\(peerPort)" : "\(peer):\(peerPort)"
    let key = AllowKey(unchecked: Prefix(peer), .one(local), `protocol`)
    let isOfRange = ports.contains(local) && !passesReplies
    return CutSocket(
      name: "\(`protocol`) from \(from) to port \(local)",
      remedy: "aegisctl " + (isOfRange ? "set-default deny --replies" : "allow-key \(key)"))
  }

  /// What lets in the answers that a socket gets without a connection.
  private func opening(_ ports: ClosedRange<UInt16>) -> String {
    if local == 123 { return "set-rule time --source-port 123/udp --port 123 --then allow" }
    guard ports.contains(local) else { return "allow-key any:\(local)/\(`protocol`)" }
    return "set-rule answers --source-port 53/udp --port \(ports.lowerBound)-\(ports.upperBound)"
      + " --then allow"
  }
}
