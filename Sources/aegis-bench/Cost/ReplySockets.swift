import Glibc
import Linux

/// Connections of this host to 10.0.0.1, over the loopback interface: of TCP, and a connected socket of UDP.
final class ReplySockets {
  /// Their ports at `Frame.destination`.
  let (tcp, udp): (UInt16, UInt16)
  private var sockets: [CInt] = []

  private static let addresses = ["10.0.0.1/32", "\(Frame.destinationText)/32"]

  init() throws {
    let add = Self.addresses.map { "ip addr add \($0) dev lo" }.joined(separator: "\n")
    try Shell.run("set -e\nip link set lo up\n\(add)")
    let peer = (StageCase.source, Frame.sourcePort)
    let listener = try Self.socket(SOCK_STREAM)
    let connection = try Self.socket(SOCK_STREAM)
    let datagrams = try Self.socket(SOCK_DGRAM)
    sockets = [listener, connection, datagrams]
    try Self.check("bind", Self.with(peer.0, peer.1) { bind(listener, $0, $1) })
    try Self.check("listen", listen(listener, 1))
    for socket in [connection, datagrams] {
      try Self.check("bind", Self.with(Frame.destination, 0) { bind(socket, $0, $1) })
      try Self.check("connect", Self.with(peer.0, peer.1) { connect(socket, $0, $1) })
    }
    sockets.append(accept(listener, nil, nil))
    (tcp, udp) = (Self.port(of: connection), Self.port(of: datagrams))
  }

  deinit {
    for socket in sockets { close(socket) }
    for address in Self.addresses { try? Shell.run("ip addr del \(address) dev lo") }
  }

  private static func socket(_ type: __socket_type) throws -> CInt {
    let number = Glibc.socket(AF_INET, Int32(type.rawValue), 0)
    try check("open", number)
    return number
  }

  private static func check(_ operation: String, _ result: CInt) throws {
    if result < 0 { throw SystemError(operation: operation, subject: "a socket", errno: errno) }
  }

  private static func with(
    _ address: UInt32, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = address.bigEndian
    return withUnsafePointer(to: name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func port(of socket: CInt) -> UInt16 {
    var name = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
    }
    return UInt16(bigEndian: name.sin_port)
  }
}
