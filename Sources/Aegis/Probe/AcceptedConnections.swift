internal import CAegis

/// The TCP connections in a capture that its host accepted, by the packets that it sent.
struct AcceptedConnections {
  private struct Connection: Hashable {
    let peer: IPAddress
    /// The host's address and both ports, as they are in the packet.
    let local: [UInt8]
    let ports: [UInt8]
  }

  private var known: Set<Connection> = []

  /// The number of connections that are remembered.
  private static let most = 1 << 20
  private static let flags = 13
  private static let (syn, ack) = (2 as UInt8, 16 as UInt8)

  /// Whether a packet that leaves belongs to one of them. One begins with a SYN that is acknowledged.
  mutating func contain(_ frame: [UInt8], _ judgement: Judgement) -> Bool {
    let trace = judgement.trace
    let (network, transport) = (Int(trace.network), Int(trace.transport))
    guard judgement.protocol == .tcp, let peer = judgement.source, transport > network,
      transport + Self.flags < frame.count
    else { return false }
    let (start, length) = peer.width == 32 ? (12, 4) : (8, 16)
    let connection = Connection(
      peer: peer, local: Array(frame[network + start..<network + start + length]),
      ports: Array(frame[transport..<transport + 4]))
    let both = Self.syn | Self.ack
    if frame[transport + Self.flags] & both == both, known.count < Self.most {
      known.insert(connection)
    }
    return known.contains(connection)
  }
}
