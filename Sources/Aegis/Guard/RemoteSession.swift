/// The SSH session that a command was typed in, whose client must not be cut off.
public struct RemoteSession: Sendable, Equatable {
  public let peer: IPAddress
  /// The port of the server.
  public let port: UInt16
  /// The address of the server, if it is known.
  public let local: IPAddress?

  init(peer: IPAddress, port: UInt16, local: IPAddress?) {
    self.peer = peer
    self.port = port
    self.local = local
  }

  /// Reads `SSH_CONNECTION`: client address, client port, server address, server port. nil if it is not that.
  public init?(sshConnection: String) {
    let fields = sshConnection.split(separator: " ")
    guard
      fields.count == 4, let peer = try? IPAddress(fields[0].split(at: "%").before),
      let port = UInt64(digits: fields[3]), 1...65535 ~= port
    else { return nil }
    let local = try? IPAddress(fields[2].split(at: "%").before)
    self.init(peer: peer.unmapped, port: UInt16(port), local: local?.unmapped)
  }
}
