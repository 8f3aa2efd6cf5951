import Glibc
import Linux

/// Datagrams that leave this namespace, with a socket for them in the other.
final class EgressTraffic {
  private static let port: UInt16 = 7000
  private static let (near, far) = ("198.18.1.1", "198.18.1.2")

  private let lab: Lab
  private var receiver: CInt = -1

  init(over veth: VethPair, in lab: Lab) throws {
    self.lab = lab
    try Shell.run("ip addr add \(Self.near)/24 dev \(veth.interface)")
    receiver = try lab.inAway {
      try Shell.run("ip addr add \(Self.far)/24 dev \(veth.farInterface)")
      let socket = try Self.socket()
      let result = Self.withAddress(Self.far) { bind(socket, $0, $1) }
      if result != 0 { throw SystemError(operation: "bind", subject: Self.far, errno: errno) }
      return socket
    }
  }

  deinit { close(receiver) }

  private static func socket() throws -> CInt {
    let number = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    if number < 0 { throw SystemError(operation: "open", subject: "a socket", errno: errno) }
    return number
  }

  private static func withAddress<Result>(
    _ text: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    inet_pton(AF_INET, text, &name.sin_addr)
    return withUnsafePointer(to: name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  /// Datagrams that have arrived, whether or not there was room for them in the socket.
  func arrived() throws -> UInt64 {
    let text = try lab.inAway { try Shell.run("cat /proc/thread-self/net/snmp") }
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("Udp:") }
      .map { $0.split(separator: " ").map(String.init) }
    guard lines.count == 2 else { return 0 }
    let values = Dictionary(zip(lines[0], lines[1]), uniquingKeysWith: { first, _ in first })
    return ["InDatagrams", "RcvbufErrors"].reduce(0) { $0 + (values[$1].flatMap(UInt64.init) ?? 0) }
  }

  /// Sends for so long; returns how long it took, in seconds.
  func flood(_ one: EgressCase, seconds: Double) throws -> Double {
    let start = Clock.monotonic()
    let end = start + UInt64(seconds * 1e9)
    let threads = one.processors.map { processor in
      PinnedThread(on: processor) { try Self.send(one, until: end) }
    }
    for thread in threads { try thread.join() }
    return Double(Clock.monotonic() - start) / 1e9
  }

  private static func send(_ one: EgressCase, until end: UInt64) throws {
    let socket = try socket()
    defer { close(socket) }
    var size = Int32(one.payload)
    // SOL_UDP, UDP_SEGMENT
    guard setsockopt(socket, 17, 103, &size, socklen_t(MemoryLayout<Int32>.size)) == 0
    else { throw SystemError(operation: "set", subject: "UDP_SEGMENT", errno: errno) }
    let bytes = [UInt8](repeating: 0, count: one.segments * one.payload)
    while Clock.monotonic() < end {
      let sent = withAddress(far) { sendto(socket, bytes, bytes.count, 0, $0, $1) }
      if sent < 0, errno != ENOBUFS {
        throw SystemError(operation: "send", subject: "datagrams", errno: errno)
      }
    }
  }
}
