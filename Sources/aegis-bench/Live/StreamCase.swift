import Aegis
import Glibc
import Linux

/// A TCP stream that leaves, with a program that judges its buffers and without.
struct StreamCase {
  let name: String
  /// Bytes of the longest buffer.
  let longest: Int

  static let all = [
    StreamCase(name: "GSO", longest: 65_536), StreamCase(name: "BIG TCP", longest: 185_000),
  ]

  static func table(in lab: Lab, _ effort: Effort) throws -> Table {
    var table = Table(
      "TCP over IPv6 that leaves a veth, sender and receiver on a processor each",
      [
        .init("stream", "STREAM"), .init("longest", "LONGEST BUFFER"), .init("policy", "POLICY"),
        .init("without", "GBIT/S WITHOUT"), .init("rate", "GBIT/S"),
        .init("share", "OF WITHOUT"), .init("spread", "SPREAD"),
      ])
    for one in all {
      let veth = try lab.veth()
      let stream = try Stream(over: veth, longest: one.longest, in: lab)
      let aegis = try AegisUnderTest("Aegis", at: .out, in: lab)
      try one.measure("nothing", aegis, stream, veth, effort, into: &table)
      let rate = try Rate(100_000_000, .packets, period: .second, burst: 1_000_000)
      try aegis.set(RateRule(rate))
      try one.measure("a rate", aegis, stream, veth, effort, into: &table)
    }
    return table
  }

  private func measure(
    _ policy: String, _ aegis: AegisUnderTest, _ stream: Stream, _ veth: VethPair,
    _ effort: Effort, into table: inout Table
  ) throws {
    let seconds = effort.choose(quick: 0.2, full: 0.4)
    var (without, with): ([Double], [Double]) = ([], [])
    // A stream varies by itself far more than a program can slow it down: many short turns, by turns in either order.
    for turn in 0..<effort.rounds * effort.choose(quick: 1, full: 6) {
      let first = turn % 2 == 0 ? try stream.bitsPerSecond(for: seconds) : nil
      try aegis.attach(to: veth.interface)
      do {
        defer { try? aegis.detach(from: veth.interface) }
        with.append(try stream.bitsPerSecond(for: seconds))
      }
      without.append(try first ?? stream.bitsPerSecond(for: seconds))
    }
    let shares = zip(with, without).map { $0 / $1 }
    table.add([
      .text(name), .count(UInt64(longest)), .text(policy),
      .number(without.median / 1e9, decimals: 2), .number(with.median / 1e9, decimals: 2),
      .number(shares.median, decimals: 3), .number(shares.spread, decimals: 2),
    ])
  }
}

/// A connection from this namespace to the other, which takes what it is given.
private final class Stream {
  private static let (near, far) = ("2001:db8::1", "2001:db8::2")

  private let sender: CInt
  private let receiver: CInt

  /// - Parameter longest: Bytes of the longest buffer that the sender makes and the receiver puts together.
  init(over veth: VethPair, longest: Int, in lab: Lab) throws {
    let sizes = "gso_max_size \(longest) gro_max_size \(longest)"
    try Shell.run(
      """
      set -e
      ip addr add \(Self.near)/64 dev \(veth.interface) nodad
      ip link set \(veth.interface) \(sizes)
      """)
    let listener = try lab.inAway {
      try Shell.run(
        """
        set -e
        ip addr add \(Self.far)/64 dev \(veth.farInterface) nodad
        ip link set \(veth.farInterface) \(sizes)
        """)
      let listener = try Self.socket()
      var reuse: CInt = 1
      let size = socklen_t(MemoryLayout<CInt>.size)
      try Self.check("set up", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, size))
      try Self.check("bind", Self.withAddress { bind(listener, $0, $1) })
      try Self.check("listen", listen(listener, 1))
      return listener
    }
    defer { close(listener) }
    sender = try Self.socket()
    try Self.check("connect", Self.withAddress { [sender] in connect(sender, $0, $1) })
    // It ends, too, when the receiver has stopped and there is no room.
    var patience = timeval(tv_sec: 0, tv_usec: 20_000)
    let size = socklen_t(MemoryLayout<timeval>.size)
    try Self.check("set up", setsockopt(sender, SOL_SOCKET, SO_SNDTIMEO, &patience, size))
    receiver = accept(listener, nil, nil)
    try Self.check("accept", receiver)
    // Nor does it wait for a sender that has ended.
    try Self.check("set up", setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &patience, size))
  }

  deinit {
    close(sender)
    close(receiver)
  }

  private static func socket() throws -> CInt {
    let number = Glibc.socket(AF_INET6, Int32(SOCK_STREAM.rawValue), 0)
    try check("open", number)
    return number
  }

  private static func check(_ operation: String, _ result: CInt) throws {
    if result < 0 { throw SystemError(operation: operation, subject: "a socket", errno: errno) }
  }

  private static func withAddress(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
  ) -> CInt {
    var name = sockaddr_in6()
    name.sin6_family = sa_family_t(AF_INET6)
    name.sin6_port = UInt16(7000).bigEndian
    inet_pton(AF_INET6, far, &name.sin6_addr)
    return withUnsafePointer(to: name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
      }
    }
  }

  private final class Received {
    var bytes = 0
  }

  /// Sends for so long; returns what arrived.
  func bitsPerSecond(for seconds: Double) throws -> Double {
    let start = Clock.monotonic()
    let end = start + UInt64(seconds * 1e9)
    let thread = PinnedThread(on: 0) { [sender] in
      let bytes = [UInt8](repeating: 0, count: 1 << 18)
      while Clock.monotonic() < end {
        if send(sender, bytes, bytes.count, 0) < 0, errno != EAGAIN {
          throw SystemError(operation: "send to", subject: "a socket", errno: errno)
        }
      }
    }
    let received = Received()
    let other = PinnedThread(on: Machine.processors - 1) { [receiver] in
      var bytes = [UInt8](repeating: 0, count: 1 << 18)
      while Clock.monotonic() < end {
        let count = recv(receiver, &bytes, bytes.count, 0)
        if count < 0, errno == EAGAIN { continue }
        try Self.check("receive from", CInt(clamping: count))
        received.bytes += count
      }
    }
    try other.join()
    let took = Double(Clock.monotonic() - start) / 1e9
    try thread.join()
    var rest = [UInt8](repeating: 0, count: 1 << 18)
    while recv(receiver, &rest, rest.count, Int32(MSG_DONTWAIT)) > 0 {}
    return Double(received.bytes) * 8 / took
  }
}
