import Glibc

/// An IPv4 UDP socket in the network namespace where it was created.
public struct UDPSocket: ~Copyable, Sendable {
  private let descriptor: FileDescriptor

  /// Binds to an address in host order and a port.
  ///
  /// The corresponding C function is `bind`.
  public init(address: UInt32, port: UInt16) throws(SystemError) {
    let descriptor = FileDescriptor(
      rawValue: try checkErrno(
        socket(
          AF_INET, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0),
        "make", "socket"))
    let result = Self.with(address, port) { bind(descriptor.rawValue, $0, $1) }
    try checkErrno(result, "bind", "socket")
    self.descriptor = descriptor
  }

  /// Sends one datagram; delivery is not checked.
  ///
  /// The corresponding C function is `sendto`.
  public func send(_ payload: [UInt8], to address: UInt32, port: UInt16) {
    _ = Self.with(address, port) {
      sendto(descriptor.rawValue, payload, payload.count, 0, $0, $1)
    }
  }

  /// Takes all waiting datagrams and returns their number.
  ///
  /// The corresponding C function is `recv`.
  public func drain() -> Int {
    var buffer = [UInt8](repeating: 0, count: 2048)
    var count = 0
    while recv(descriptor.rawValue, &buffer, buffer.count, 0) >= 0 { count += 1 }
    return count
  }

  private static func with<Result>(
    _ address: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = address.bigEndian
    name.sin_port = port.bigEndian
    return withUnsafePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
