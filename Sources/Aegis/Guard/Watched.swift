/// Packets that somebody depends on to come in, and who that is.
struct Watched: Hashable, Sendable {
  enum Role: Hashable, Sendable, Comparable {
    /// That the command was typed in.
    case session
    case ssh
    case gateway
    case nameServer
    /// Named by the operator.
    case asked
  }

  let role: Role
  let source: IPAddress
  /// Of the destination. nil is one that no key can name, or a protocol without ports.
  let port: UInt16?
  let `protocol`: TransportProtocol
  /// Of the interface that they come in by, where that is known beforehand.
  var ifindex: UInt32?
  /// Whether there is a connection now, whatever the routes seem to say.
  var isConnected = false

  static func ssh(_ source: IPAddress, port: UInt16, role: Role = .ssh) -> Watched {
    Watched(role: role, source: source, port: port, protocol: .tcp)
  }

  static func gateway(_ source: IPAddress, ifindex: UInt32?) -> Watched {
    let isV4 = source.width == 32
    return Watched(
      role: .gateway, source: source, port: nil, protocol: isV4 ? .icmp : .icmpv6, ifindex: ifindex)
  }

  /// Its answers come to a port that changes with every question.
  static func nameServer(_ source: IPAddress) -> Watched {
    Watched(role: .nameServer, source: source, port: nil, protocol: .udp)
  }

  /// Whether to be dropped for want of a key cuts it off: ARP and neighbour discovery pass without.
  var needsKey: Bool { role != .gateway }

  /// Whether it is something that a rate can slow down so far that it is as good as cut off.
  var needsRate: Bool { [.session, .ssh, .asked].contains(role) }

  /// The key that lets in just it.
  var key: AllowKey {
    AllowKey(unchecked: Prefix(source), port, role == .gateway ? nil : `protocol`)
  }
}

extension Watched: CustomStringConvertible {
  var description: String {
    switch role {
    case .session: "your SSH session from \(source) to port \(port ?? 22)"
    case .ssh: "the SSH session from \(source) to port \(port ?? 22)"
    case .gateway: "the default gateway \(source)"
    case .nameServer: "the name server \(source)"
    case .asked: "\(key), which is guarded"
    }
  }
}
