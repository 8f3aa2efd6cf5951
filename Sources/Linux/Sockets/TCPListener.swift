import Glibc

/// A listening TCP socket in the network namespace where it was created. It never blocks, nor do its connections.
public struct TCPListener: ~Copyable, Sendable {
  private let descriptor: FileDescriptor
  public let port: UInt16

  /// Connections that wait to be accepted; the kernel ignores further attempts, which clients repeat.
  private static let backlog: CInt = 512

  /// - Parameters:
  ///   - address: Octets in network order, 4 or 16 of them; 16 zeros are all addresses, also those of IPv4.
  ///   - port: 0 lets the kernel choose one.
  ///   - subject: The name of address and port in errors.
  ///
  /// The corresponding C functions are `bind` and `listen`.
  public init(address: [UInt8], port: UInt16, named subject: String) throws(SystemError) {
    let family = address.count == 4 ? AF_INET : AF_INET6
    let type = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = FileDescriptor(
      rawValue: try checkErrno(socket(family, type, 0), "listen on", subject))
    let socket = descriptor.rawValue
    try Self.set(socket, SOL_SOCKET, SO_REUSEADDR, 1, subject)
    if family == AF_INET6 { try Self.set(socket, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0, subject) }
    try checkErrno(Self.bind(socket, address, port), "listen on", subject)
    try checkErrno(listen(socket, Self.backlog), "listen on", subject)
    self.port = try Self.port(of: socket, subject)
    self.descriptor = descriptor
  }

  /// Number of the listening socket, for `poll`.
  public var rawValue: CInt { descriptor.rawValue }

  /// The next connection, which the caller must close; nil if none waits.
  ///
  /// The corresponding C function is `accept`.
  public func accept() throws(SystemError) -> CInt? {
    let connection = uninterrupted { Glibc.accept(descriptor.rawValue, nil, nil) }
    if connection < 0, errno == EAGAIN { return nil }
    try checkErrno(connection, "accept", "connection")
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    _ = fcntl(connection, F_SETFL, O_NONBLOCK)
    return connection
  }

  private static func set(
    _ socket: CInt, _ level: CInt, _ option: CInt, _ value: CInt, _ subject: String
  ) throws(SystemError) {
    var value = value
    let size = socklen_t(MemoryLayout<CInt>.size)
    try checkErrno(setsockopt(socket, level, option, &value, size), "listen on", subject)
  }

  private static func bind(_ socket: CInt, _ address: [UInt8], _ port: UInt16) -> CInt {
    func bind<Name>(_ name: Name) -> CInt {
      withUnsafeBytes(of: name) {
        Glibc.bind(
          socket, $0.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
      }
    }
    if address.count == 4 {
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &name.sin_addr) { $0.copyBytes(from: address) }
      return bind(name)
    }
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &name.sin6_addr) { $0.copyBytes(from: address) }
    return bind(name)
  }

  /// The port is in the same place in both families.
  private static func port(of socket: CInt, _ subject: String) throws(SystemError) -> UInt16 {
    var name = sockaddr_in6()
    var size = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let result = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
    }
    try checkErrno(result, "listen on", subject)
    return UInt16(bigEndian: name.sin6_port)
  }
}
