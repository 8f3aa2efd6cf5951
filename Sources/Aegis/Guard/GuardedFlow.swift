/// Packets that must come in, or leave, because somebody depends on them, and who that is.
struct GuardedFlow: Hashable, Sendable {
  enum Role: Hashable, Sendable {
    /// The session that the command was typed in.
    case session
    case ssh
    case gateway
    case nameServer
    /// The server that renews this address.
    case lease(IPAddress)
    /// The server that tells the time.
    case timeServer
    /// The remote end of the tunnel with this name.
    case tunnel(String)
    /// Traffic over another interface in frames that are not IP.
    case frames(String)
    /// Named by the operator.
    case asked
  }

  let role: Role
  var direction = Direction.in
  /// Whether they belong to a connection that their receiver opened: those that leave need no key, and those that
  /// come in need none if replies pass.
  var isReply = false
  /// The source, or the destination of packets that leave; the first address of `origin` if that is set.
  let source: IPAddress
  /// The destination port; nil for a port that no key can name, or for a protocol without ports.
  let port: UInt16?
  let `protocol`: TransportProtocol
  /// The index of the interface that they come in by, if it is known beforehand.
  var ifindex: UInt32?
  /// The indexes of the attached interfaces that they may come in by, for rules that name interfaces.
  var arrivals: [UInt32] = []
  /// Whether there is a connection now, whatever the routes seem to say.
  var isConnected = false
  /// The local address that they are sent to, if known: routing rules may use it for the answers.
  var local: IPAddress?
  /// The port of this host that packets leave from, if known.
  var localPort: UInt16?
  /// The prefix that they may come from, if the source is not a single host.
  var origin: Prefix?

  static func ssh(
    _ source: IPAddress, port: UInt16, to local: IPAddress? = nil, role: Role = .ssh
  ) -> GuardedFlow {
    GuardedFlow(role: role, source: source, port: port, protocol: .tcp, local: local)
  }

  static func gateway(_ source: IPAddress, ifindex: UInt32?) -> GuardedFlow {
    let isV4 = source.width == 32
    return GuardedFlow(
      role: .gateway, source: source, port: nil, protocol: isV4 ? .icmp : .icmpv6, ifindex: ifindex)
  }

  /// Answers of a name server; they arrive at a port that changes with every query.
  static func nameServer(_ source: IPAddress) -> GuardedFlow {
    var flow = GuardedFlow(role: .nameServer, source: source, port: nil, protocol: .udp)
    // Resolvers connect their sockets, but for those that are servers themselves.
    flow.isReply = true
    return flow
  }

  /// Answers of a DHCP server, or of a relay agent in the same network.
  static func lease(_ address: IPAddress, length: Int, ifindex: UInt32) -> GuardedFlow {
    let isV4 = address.width == 32
    let origin = isV4 ? Prefix(address: address, length: length) ?? Prefix(address) : .linkLocal
    return GuardedFlow(
      role: .lease(address), source: origin.address, port: isV4 ? 68 : 546, protocol: .udp,
      ifindex: ifindex, origin: origin)
  }

  /// What this host answers to an SSH client.
  static func answers(
    to peer: IPAddress, from local: IPAddress? = nil, port: UInt16 = 22, role: Role = .ssh
  ) -> GuardedFlow {
    var flow = GuardedFlow(
      role: role, direction: .out, isReply: true, source: peer, port: nil, protocol: .tcp,
      local: local)
    flow.localPort = port
    return flow
  }

  /// What this host asks of a server.
  static func request(_ role: Role, _ server: IPAddress, port: UInt16) -> GuardedFlow {
    GuardedFlow(role: role, direction: .out, source: server, port: port, protocol: .udp)
  }

  /// What renews a lease: to all servers of the link, which may be relay agents.
  static func renewal(_ address: IPAddress, ifindex: UInt32) -> GuardedFlow {
    let isV4 = address.width == 32
    var flow = request(
      .lease(address), isV4 ? .v4(.max) : .v6(0xff02 << 112 | 0x1_0002), port: isV4 ? 67 : 547)
    flow.ifindex = ifindex
    return flow
  }

  /// Whether it is the remote end of a tunnel that does not report its peers.
  var isUnknownPeer: Bool {
    if case .tunnel = role { origin != nil } else { false }
  }

  /// Whether it consists of frames that the datapath cannot parse.
  var isFrames: Bool {
    if case .frames = role { true } else { false }
  }

  /// Whether it is cut off if no key lets it in: ARP and neighbour discovery pass without a key.
  var needsKey: Bool { role != .gateway }

  /// The rate that it needs; nil if a few packets are enough.
  var floor: RateFloor? {
    switch role {
    case .session, .ssh, .asked: .ssh
    case .tunnel: .tunnel
    case .gateway, .nameServer, .timeServer, .lease, .frames: nil
    }
  }

  /// Sample packets of this flow, from one of its possible sources, and what they have to do with sockets. The first one
  /// is the shortest.
  ///
  /// - Parameters:
  ///   - isJudgedByRules: Whether packets of a connection may fare differently.
  ///   - replyPorts: The ports that replies may be for; nil if they do not pass.
  func packets(
    from source: IPAddress, isJudgedByRules: Bool = true, replyPorts: ClosedRange<UInt16>? = nil
  ) -> [(frame: [UInt8], socket: SocketState)] {
    if isFrames { return [(PacketQuery.notIP, .none)] }
    let port = port ?? (isReply && direction == .in ? replyPorts?.lowerBound : nil)
    var query = PacketQuery(
      source: source, sourcePort: sourcePort, port: port, protocol: `protocol`,
      local: local?.width == source.width ? local : nil)
    query.direction = direction
    let first = (query.frame, isReply ? SocketState.established : .listen)
    guard `protocol` == .tcp, isJudgedByRules else { return [first] }
    // A connection that is there has no SYN any more, and mostly long packets.
    let isKnown = direction == .in || isReply
    return [first]
      + [PacketQuery.usualLength, 1514].map { length in
        var later = query
        later.header.tcpFlags = TCPFlags.ack
        later.length = length
        return (later.frame, isKnown ? .established : .none)
      }
  }

  /// The port of what answers this host, or of this host.
  private var sourcePort: UInt16? {
    if direction == .out { return localPort }
    return switch role {
    case .nameServer: 53
    case .timeServer: 123
    case .lease(let address): address.width == 32 ? 67 : 547
    default: nil
    }
  }

  /// The key that lets in only this flow.
  var key: AllowKey {
    let ports = port.map(KeyPorts.one)
    return switch role {
    case .gateway: AllowKey(unchecked: Prefix(source), nil, nil)
    case .lease where direction == .out: AllowKey(unchecked: nil, ports, `protocol`)
    case .lease: AllowKey(unchecked: origin == .linkLocal ? origin : nil, ports, `protocol`)
    case _ where origin != nil: AllowKey(unchecked: nil, ports, `protocol`)
    default: AllowKey(unchecked: Prefix(source), ports, `protocol`)
    }
  }
}

extension GuardedFlow: CustomStringConvertible {
  var description: String {
    switch role {
    case .session where isReply: "your SSH session from \(source)"
    case .ssh where isReply: "the SSH session from \(source)"
    case .session: "your SSH session from \(source) to port \(port ?? 22)"
    case .ssh: "the SSH session from \(source) to port \(port ?? 22)"
    case .timeServer: "the time server \(source)"
    case .gateway: "the default gateway \(source)"
    case .nameServer: "the name server \(source)"
    case .lease(let address): "the lease of \(address)"
    case .tunnel(let name):
      origin == nil
        ? "the tunnel \(name) to \(source)" : "the tunnel \(name), whose peers are not known"
    case .frames(let name): "what \(name) carries"
    case .asked: "\(key), which is guarded"
    }
  }
}
