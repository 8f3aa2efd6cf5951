internal import Glibc
internal import Synchronization

extension Socket {
  /// Of whole frames, on one interface. See packet(7); the numbers are those of linux/if_packet.h.
  ///
  /// - Parameter types: The EtherType that it gets, 3 for all, 0 for none.
  static func packet(
    on interface: String, types: UInt16, _ prepare: (Socket) throws -> Void = { _ in }
  ) throws -> Socket {
    let family: Int32 = 17
    let socket = try Socket(family, SOCK_RAW)
    try prepare(socket)
    // struct sockaddr_ll
    var address = [UInt8](repeating: 0, count: 20)
    withUnsafeBytes(of: UInt16(family)) { address.replaceSubrange(0..<2, with: $0) }
    withUnsafeBytes(of: types.bigEndian) { address.replaceSubrange(2..<4, with: $0) }
    withUnsafeBytes(of: if_nametoindex(interface)) { address.replaceSubrange(4..<8, with: $0) }
    let bound = address.withUnsafeBytes {
      Glibc.bind(socket.descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 20)
    }
    try socket.check(bound, "bind to \(interface)")
    return socket
  }
}

/// Sends frames as they are out of an interface.
public final class FrameSender: Sendable {
  private let socket: Socket

  init(interface: String) throws {
    socket = try .packet(on: interface, types: 0)
  }

  public func send(_ frames: [[UInt8]]) throws {
    for frame in frames {
      try socket.check(Glibc.send(socket.descriptor, frame, frame.count, 0), "send frame")
    }
  }

  /// The same for one that may be dropped on its way out, which the kernel then tells.
  public func sendOrLose(_ frame: [UInt8]) throws {
    let sent = Glibc.send(socket.descriptor, frame, frame.count, 0)
    if sent < 0, errno == ENOBUFS { return }
    try socket.check(sent, "send frame")
  }
}

/// Counts the frames that come to the host's kernel from an interface: those that XDP there let pass.
public final class Tap: Sendable {
  private static let level: Int32 = 263
  private static let statistics: Int32 = 6
  private static let ignoreOutgoing: Int32 = 23

  private let socket: Socket
  private let sum = Mutex(0)

  init(interface: String) throws {
    socket = try .packet(on: interface, types: 3) { socket in
      try socket.set(Self.ignoreOutgoing, 1, level: Self.level)
      // What finds no room in it is counted too.
      try socket.set(SO_RCVBUF, 0, level: SOL_SOCKET)
    }
  }

  /// How many have come so far.
  public func count() throws -> Int {
    try sum.withLock { sum in
      // struct tpacket_stats: all since they were last asked for, and those of them that found no room.
      var counts: [UInt32] = [0, 0]
      var length = socklen_t(8)
      try socket.check(
        getsockopt(socket.descriptor, Self.level, Self.statistics, &counts, &length), "getsockopt")
      sum += Int(counts[0])
      return sum
    }
  }
}

extension Sandbox {
  /// - Parameter interface: The end of the first pair by default.
  public func frameSender(
    out interface: String? = nil, of side: Side = .peer
  ) throws -> FrameSender {
    let name = interface ?? end(side).interface
    return try inside(side) { try FrameSender(interface: name) }
  }

  /// Sends frames as they are out of the peer's interface.
  public func send(frames: [[UInt8]]) throws { try frameSender().send(frames) }

  /// - Parameter interface: Of the host; its end of the first pair by default.
  public func tap(on interface: String? = nil) throws -> Tap {
    let name = interface ?? host.interface
    return try inside(.host) { try Tap(interface: name) }
  }
}
