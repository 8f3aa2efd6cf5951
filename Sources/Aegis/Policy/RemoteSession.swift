/// The SSH session that a command was typed in: what must not be cut off by it.
public struct RemoteSession: Sendable, Equatable {
  public let peer: IPAddress
  /// Of the server.
  public let port: UInt16

  /// Reads `SSH_CONNECTION`: client address, client port, server address, server port. nil if it is not that.
  public init?(sshConnection: String) {
    let fields = sshConnection.split(separator: " ")
    guard
      fields.count == 4, let peer = try? IPAddress(fields[0].split(at: "%").before),
      let port = UInt64(digits: fields[3]), 1...65535 ~= port
    else { return nil }
    self.peer = peer
    self.port = UInt16(port)
  }

  /// The key that would let just it in.
  public var key: AllowKey? {
    try? AllowKey(source: Prefix(peer), port: port, protocol: .tcp)
  }

  /// Whether its packets get in when the default is deny.
  public func isLetIn(by keys: [Entry<AllowKey>], drops: [Entry<Prefix>]) -> Bool {
    let matching = keys.filter { isNamed(by: $0.element) }
    if matching.contains(where: \.isProtected) { return true }
    return !matching.isEmpty && !drops.contains { $0.element.contains(peer) }
  }

  /// Whether its packets match the key.
  func isNamed(by key: AllowKey) -> Bool {
    key.source.map { $0.contains(peer) } ?? true
      && key.port.map { $0 == port } ?? true
      && key.protocol.map { $0 == .tcp } ?? true
  }
}
