internal import Glibc

extension Sandbox {
  /// Sends UDP datagrams to the other side without a pause, a bunch from each source in turn, as long as `isWanted`.
  public func flood(
    from sources: [String], of side: Side = .peer, port: UInt16,
    while isWanted: @escaping @Sendable () -> Bool
  ) throws {
    let to = try SocketAddress(end(side == .peer ? .host : .peer).v4, port: port)
    try inside(side) { [to] in
      let sockets = try sources.map { source in
        let socket = try Socket(to.family, SOCK_DGRAM)
        try socket.bind(to: source, transparent: true)
        try socket.check(to.with { connect(socket.descriptor, $0, $1) }, "connect")
        return socket
      }
      let payload = [UInt8](repeating: 0x61, count: 64)
      while isWanted() {
        for socket in sockets {
          // What finds no room on the way is sent by nobody.
          for _ in 0..<64 { _ = Glibc.send(socket.descriptor, payload, payload.count, 0) }
        }
      }
    }
  }
}
