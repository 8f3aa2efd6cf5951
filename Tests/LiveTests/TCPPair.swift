import Glibc

@testable import TestSupport

/// Both ends of a TCP connection between host and peer.
final class TCPPair {
  private var ends: [Sandbox.Side: Socket] = [:]

  /// - Parameters:
  ///   - server: Who listens, until it has accepted; nil if nobody does and the peer tries the host.
  ///   - port: That it has.
  ///   - source: The port of the other end.
  ///   - target: The port that it tries; nil for that of the listener.
  ///   - isFast: Whether to send a byte with the first packet.
  /// - Throws: Unless it comes about within a second.
  init(
    _ sandbox: Sandbox, accepting server: Sandbox.Side?, _ port: UInt16, ipv6: Bool,
    from source: UInt16? = nil, to target: UInt16? = nil, isFast: Bool = false
  ) throws {
    let client = server == .peer ? Sandbox.Side.host : .peer
    let ends: [Sandbox.Side: Sandbox.End] = [.host: sandbox.host, .peer: sandbox.peer]
    func address(_ side: Sandbox.Side) -> String {
      (ipv6 ? ends[side]?.v6 : ends[side]?.v4) ?? ""
    }
    let listener = try server.map { side in try sandbox.inside(side) { try Listener(port: port) } }
    let (from, to) = (address(client), address(client == .host ? .peer : .host))
    let socket = try sandbox.inside(client) {
      let target = try SocketAddress(to, port: target ?? port)
      let socket = try Socket(target.family, SOCK_STREAM)
      if let source { try socket.bind(to: from, port: source) }
      _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
      let result = target.with {
        // MSG_FASTOPEN
        isFast
          ? Int32(sendto(socket.descriptor, "x", 1, 0x2000_0000, $0, $1)) - 1
          : connect(socket.descriptor, $0, $1)
      }
      guard result == 0 || errno == EINPROGRESS else { throw Socket.failure("connect") }
      guard result == 0 || socket.waitFor(POLLOUT, seconds: 1), socket.error == 0 else {
        throw SupportError("no connection to \(to)")
      }
      return socket
    }
    self.ends[client] = socket
    if let server, let listener { self.ends[server] = try listener.accept() }
  }

  private func other(_ side: Sandbox.Side) -> Sandbox.Side { side == .host ? .peer : .host }

  /// Whether so many bytes arrive; it waits a second for each part.
  func carries(_ count: Int, from side: Sandbox.Side) -> Bool {
    guard let sender = ends[side], let receiver = ends[other(side)] else { return false }
    var buffer = [UInt8](repeating: 0x61, count: 1 << 16)
    var (sent, received) = (0, 0)
    while received < count {
      if sent < count {
        let size = min(buffer.count, count - sent)
        sent += max(
          0,
          send(sender.descriptor, buffer, size, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        )
      }
      guard receiver.waitFor(POLLIN, seconds: 1) else { return false }
      let size = recv(receiver.descriptor, &buffer, buffer.count, 0)
      if size <= 0 { return false }
      received += size
    }
    return true
  }

  func close(_ side: Sandbox.Side) { ends[side] = nil }

  /// Ends it without a word to its own end.
  func abort(_ side: Sandbox.Side) {
    var linger = linger(l_onoff: 1, l_linger: 0)
    if let socket = ends[side] {
      let size = socklen_t(MemoryLayout.size(ofValue: linger))
      setsockopt(socket.descriptor, SOL_SOCKET, SO_LINGER, &linger, size)
    }
    close(side)
  }

  /// Whether the other end has given it up.
  func isReset(_ side: Sandbox.Side) -> Bool {
    guard let socket = ends[side], socket.waitFor(POLLIN, seconds: 1) else { return false }
    return socket.error == ECONNRESET
  }
}

extension Socket {
  fileprivate var error: Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    return code
  }
}
