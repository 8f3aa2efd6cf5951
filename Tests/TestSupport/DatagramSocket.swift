internal import Glibc

/// A UDP socket that says what came, and from where.
public final class DatagramSocket: Sendable {
  public struct Datagram: Sendable, Equatable {
    public let bytes: [UInt8]
    public let source: String
    public let port: UInt16

    public init(_ bytes: [UInt8], from source: String, port: UInt16) {
      (self.bytes, self.source, self.port) = (bytes, source, port)
    }
  }

  public enum Fault: Error, Equatable {
    /// Longer than the path takes (EMSGSIZE).
    case tooLong
  }

  private let socket: Socket
  private let isIPv6: Bool

  init(bound address: String, port: UInt16) throws {
    isIPv6 = address.contains(":")
    socket = try Socket(isIPv6 ? AF_INET6 : AF_INET, SOCK_DGRAM)
    try socket.set(SO_RCVBUFFORCE, 64 << 20, level: SOL_SOCKET)
    try socket.bind(to: address, port: port)
  }

  /// From then on it gets only what comes from there.
  public func connect(to address: String, port: UInt16) throws {
    let target = try SocketAddress(address, port: port)
    try socket.check(
      target.with { Glibc.connect(socket.descriptor, $0, $1) }, "connect to \(address)")
  }

  /// The port that it has.
  public var port: UInt16 {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    _ = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(socket.descriptor, $0, &length)
      }
    }
    return SocketAddress.parts(storage).1
  }

  /// Packets are never cut, and what is too long for the path is refused once that is known.
  public func discoverMTU() throws {
    // IP_MTU_DISCOVER and IPV6_MTU_DISCOVER; IP_PMTUDISC_DO
    try socket.set(isIPv6 ? 23 : 10, 2, level: isIPv6 ? Int32(IPPROTO_IPV6) : 0)
  }

  /// The TTL or hop limit of what it sends.
  public func setHops(_ hops: Int32) throws {
    // IP_TTL and IPV6_UNICAST_HOPS
    try socket.set(isIPv6 ? 16 : 2, hops, level: isIPv6 ? Int32(IPPROTO_IPV6) : 0)
  }

  /// - Throws: `Fault`
  public func send(_ bytes: [UInt8], to address: String, port: UInt16) throws {
    let target = try SocketAddress(address, port: port)
    let sent = target.with { sendto(socket.descriptor, bytes, bytes.count, 0, $0, $1) }
    if sent < 0, errno == EMSGSIZE { throw Fault.tooLong }
    try socket.check(sent, "send to \(address)")
  }

  /// nil if nothing comes for so long.
  public func receive(within seconds: Double = 0.3) throws -> Datagram? {
    guard socket.waitFor(POLLIN, seconds: seconds) else { return nil }
    var buffer = [UInt8](repeating: 0, count: 65536)
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let size = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        recvfrom(socket.descriptor, &buffer, buffer.count, 0, $0, &length)
      }
    }
    try socket.check(size, "receive")
    let (source, port) = SocketAddress.parts(storage)
    return Datagram(Array(buffer[..<size]), from: source, port: port)
  }

  /// How many more come, until none does for a while.
  public func count(quiet: Double = 0.2) throws -> Int {
    var count = 0
    while try receive(within: quiet) != nil { count += 1 }
    return count
  }
}

extension SocketAddress {
  /// The address and the port.
  fileprivate static func parts(_ storage: sockaddr_storage) -> (String, UInt16) {
    var copy = storage
    return withUnsafePointer(to: &copy) {
      if storage.ss_family == sa_family_t(AF_INET6) {
        return $0.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          (text(storage), UInt16(bigEndian: $0.pointee.sin6_port))
        }
      }
      return $0.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        var text = [CChar](repeating: 0, count: Int(INET_ADDRSTRLEN))
        var address = $0.pointee.sin_addr
        _ = inet_ntop(AF_INET, &address, &text, socklen_t(text.count))
        return (
          String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self),
          UInt16(bigEndian: $0.pointee.sin_port)
        )
      }
    }
  }
}

extension Sandbox {
  /// A socket of an end, at one of its addresses.
  public func datagrams(of side: Side, ipv6: Bool = false, port: UInt16 = 0) throws
    -> DatagramSocket
  {
    let address = ipv6 ? end(side).v6 : end(side).v4
    return try inside(side) { try DatagramSocket(bound: address, port: port) }
  }
}
