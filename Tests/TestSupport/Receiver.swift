internal import Glibc

/// A UDP socket that remembers nothing but what is in its buffer.
public final class Receiver: Sendable {
  public struct Datagram: Sendable {
    public let source: String
    public let size: Int
  }

  private let socket: Socket

  init(port: UInt16) throws {
    socket = try Socket(AF_INET6, SOCK_DGRAM)
    try socket.set(Int32(IPV6_V6ONLY), 0, level: Int32(IPPROTO_IPV6))
    try socket.set(SO_RCVBUFFORCE, 64 << 20, level: SOL_SOCKET)
    try socket.bind(to: "::", port: port)
  }

  /// Takes what has arrived, until there are so many or nothing comes for a while.
  public func take(expecting count: Int = .max, quiet: Double = 0.15) -> [Datagram] {
    var datagrams: [Datagram] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while datagrams.count < count, socket.waitFor(POLLIN, seconds: quiet) {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let size = withUnsafeMutablePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          recvfrom(socket.descriptor, &buffer, buffer.count, 0, $0, &length)
        }
      }
      if size < 0 { break }
      datagrams.append(Datagram(source: SocketAddress.text(storage), size: size))
    }
    return datagrams
  }

  /// How many have arrived since it was last asked.
  public func count(quiet: Double = 0.15) -> Int { take(quiet: quiet).count }
}

/// A TCP socket that listens.
public final class Listener: Sendable {
  private let socket: Socket

  init(port: UInt16) throws {
    socket = try Socket(AF_INET6, SOCK_STREAM)
    try socket.set(Int32(IPV6_V6ONLY), 0, level: Int32(IPPROTO_IPV6))
    try socket.set(SO_REUSEADDR, 1, level: SOL_SOCKET)
    try socket.bind(to: "::", port: port)
    try socket.check(listen(socket.descriptor, 128), "listen")
  }

  /// The next connection; waits for it.
  func accept() throws -> Socket {
    try Socket(owning: Glibc.accept(socket.descriptor, nil, nil))
  }
}
