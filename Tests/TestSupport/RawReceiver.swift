internal import Glibc

/// Raw sockets, which get every UDP packet that the host's IP layers take, whoever it is from.
public final class RawReceiver: Sendable {
  private let sockets: [Socket]

  init() throws {
    sockets = try [AF_INET, AF_INET6].map { family in
      let socket = try Socket(family, SOCK_RAW, protocol: Int32(IPPROTO_UDP))
      try socket.set(SO_RCVBUFFORCE, 64 << 20, level: SOL_SOCKET)
      return socket
    }
  }

  /// How many have come since it was last asked.
  public func count() -> Int {
    var buffer = [UInt8](repeating: 0, count: 65536)
    var count = 0
    for socket in sockets {
      while recv(socket.descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) >= 0 {
        count += 1
      }
    }
    return count
  }
}

extension Sandbox {
  /// On the host.
  public func rawReceiver() throws -> RawReceiver { try inside(.host) { try RawReceiver() } }
}
