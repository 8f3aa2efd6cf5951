internal import Glibc

/// A TCP connection that says nothing.
public final class Connection: Sendable {
  private let socket: Socket

  init(from source: String, to target: SocketAddress) throws {
    socket = try Socket(target.family, SOCK_STREAM)
    try socket.bind(to: source)
    try socket.check(target.with { connect(socket.descriptor, $0, $1) }, "connect")
  }
}
