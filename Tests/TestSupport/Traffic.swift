internal import Glibc

extension Sandbox {
  /// Sends UDP datagrams from the peer to the host.
  ///
  /// - Parameters:
  ///   - source: Any address, the peer's own by default.
  ///   - size: Of the payload; 42 bytes of headers precede it on the wire, 62 with IPv6.
  ///   - pause: Seconds between datagrams.
  /// - Returns: Bytes that went out, whole frames as long as none is fragmented.
  @discardableResult
  public func send(
    from source: String? = nil, to target: String? = nil, port: UInt16, count: Int = 1,
    size: Int = 64, pause: Double = 0
  ) throws -> Int {
    let isIPv6 = (source ?? target)?.contains(":") ?? false
    let from = source ?? (isIPv6 ? peer.v6 : peer.v4)
    let to = try SocketAddress(target ?? (isIPv6 ? host.v6 : host.v4), port: port)
    try inside(.peer) { [to] in
      let socket = try Socket(to.family, SOCK_DGRAM)
      try socket.bind(to: from, transparent: true)
      let payload = [UInt8](repeating: 0x61, count: size)
      for _ in 0..<count {
        let sent = to.with { sendto(socket.descriptor, payload, size, 0, $0, $1) }
        try socket.check(sent, "send from \(from)")
        if pause > 0 { usleep(UInt32(pause * 1_000_000)) }
      }
    }
    return count * (size + 28 + 14 + (isIPv6 ? 20 : 0))
  }

  /// Opens a UDP socket on the host for both families.
  public func receiver(port: UInt16) throws -> Receiver {
    try inside(.host) { try Receiver(port: port) }
  }

  /// Whether the peer can open a TCP connection to a listener on the host.
  public func connects(
    from source: String? = nil, to port: UInt16, ipv6: Bool = false, timeout: Double = 1
  ) throws -> Bool {
    let target = try SocketAddress(ipv6 ? host.v6 : host.v4, port: port)
    return try inside(.peer) { [target] in
      let socket = try Socket(target.family, SOCK_STREAM)
      if let source { try socket.bind(to: source, transparent: true) }
      _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
      if target.with({ connect(socket.descriptor, $0, $1) }) == 0 { return true }
      guard errno == EINPROGRESS, socket.waitFor(POLLOUT, seconds: timeout) else { return false }
      var code: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
      return code == 0
    }
  }

  /// Opens a TCP connection to a listener on the other side, for as long as the result lives.
  public func connection(
    from source: String, of side: Side = .peer, to port: UInt16
  ) throws -> Connection {
    let other = end(side == .peer ? .host : .peer)
    let target = try SocketAddress(source.contains(":") ? other.v6 : other.v4, port: port)
    return try inside(side) { [target] in try Connection(from: source, to: target) }
  }

  /// Listens for TCP connections for as long as the result lives.
  public func listener(on side: Side = .host, port: UInt16) throws -> Listener {
    try inside(side) { try Listener(port: port) }
  }

  /// How many of so many pings of the host the peer got answers to.
  public func ping(
    count: Int = 3, from source: String? = nil, ipv6: Bool = false, timeout: Int = 1
  ) throws -> Int {
    let words =
      ["ping", "-n", "-c", "\(count)", "-i", "0.05", "-W", "\(timeout)"]
      + (source.map { ["-I", $0] } ?? []) + [ipv6 ? host.v6 : host.v4]
    let output = try run(in: .peer, words).output
    guard let line = output.split(separator: "\n").first(where: { $0.contains(" received") }) else {
      throw SupportError("ping said: \(output)")
    }
    let fields = line.split(whereSeparator: { " ,".contains($0) })
    return fields.firstIndex(of: "received").flatMap { Int(fields[$0 - 1]) } ?? 0
  }
}
