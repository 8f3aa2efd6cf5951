internal import Linux

/// What no feed may drop, whatever else lets it in: peers that the guard knows, own addresses, and what protected keys
/// are for.
public struct GuardedPlaces: Sendable {
  private var hosts: [IPAddress: String] = [:]
  private var prefixes: [(prefix: Prefix, text: String)] = []

  /// Describes something that a prefix would drop; nil if it is nothing of that.
  public func named(by prefix: Prefix) -> String? {
    if prefix.isHost {
      if prefix.address.isLoopback { return "this host's address \(prefix.address)" }
      if let text = hosts[prefix.address] { return text }
    } else if let host = hosts.first(where: { prefix.contains($0.key) }) {
      return host.value
    }
    return prefixes.first { $0.prefix.contains(prefix) || prefix.contains($0.prefix) }?.text
  }
}

extension LockOutGuard {
  /// What no feed may drop.
  public func places() throws(AegisError) -> GuardedPlaces {
    var places = GuardedPlaces()
    for flow in GuardedFlows(session: session, asked: asked, steps: []).flows
    where flow.origin == nil {
      places.add(flow.source, flow.description)
    }
    for own in try kernel({ () throws(SystemError) in try InterfaceAddress.all() }) {
      guard let address = IPAddress(networkOrder: own.address), !address.isLoopback else {
        continue
      }
      places.add(address, "this host's address \(address)")
    }
    for key in try KeyList(datapath).entries() where key.isProtected {
      if let source = key.element.source { places.add(source, "protected key \(key.element)") }
    }
    return places
  }

  /// Which peers that have TCP connections with this host now a plan would newly cut off, and how many there are.
  public func peers(cutBy plan: Plan) throws(AegisError) -> (cut: [IPAddress], all: Int) {
    var peers: [IPAddress: UInt16] = [:]
    for socket in (try? TCPSockets.established(.none)) ?? [] {
      guard let peer = IPAddress(networkOrder: socket.peer)?.unmapped, !peer.isLoopback else {
        continue
      }
      peers[peer] = socket.localPort
    }
    var cut: Set<IPAddress> = []
    for side in datapath.directions {
      let steps = side.direction == .out ? Self.partOut(of: plan).steps : plan.steps
      guard steps.mayCutOff else { continue }
      let after = try ProspectivePolicy(side, steps)
      let before = try ProspectivePolicy(side)
      for (peer, port) in peers {
        let flow =
          side.direction == .out
          ? GuardedFlow.answers(to: peer)
          : GuardedFlow(role: .asked, source: peer, port: port, protocol: .tcp)
        if try after.judge(flow, from: peer).reason.verdict == .drop,
          try before.judge(flow, from: peer).reason.verdict != .drop
        {
          cut.insert(peer)
        }
      }
    }
    return (cut.sorted(), peers.count)
  }
}

extension GuardedPlaces {
  fileprivate mutating func add(_ address: IPAddress, _ text: String) {
    if hosts[address] == nil { hosts[address] = text }
  }

  fileprivate mutating func add(_ prefix: Prefix, _ text: String) {
    if prefix.isHost { add(prefix.address, text) } else { prefixes.append((prefix, text)) }
  }
}
