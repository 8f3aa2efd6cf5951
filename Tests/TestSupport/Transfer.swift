internal import Foundation
internal import Glibc

extension Sandbox {
  /// Lets TCP make packets of so many bytes, on both ends of the pair: `gso_max_size` and `gso_ipv4_max_size`, of which
  /// the `ip` of Debian 12 does not know the latter.
  public func setLargestPacket(_ bytes: UInt32) throws {
    for side in [Side.host, .peer] {
      let name = end(side).interface
      try inside(side) {
        let socket = try Socket(AF_NETLINK, SOCK_RAW)
        // struct nlmsghdr, RTM_NEWLINK with an answer; struct ifinfomsg; IFLA_GSO_MAX_SIZE, IFLA_GSO_IPV4_MAX_SIZE.
        let words: [UInt32] = [
          48, 16 | 5 << 16, 1, 0, 0, if_nametoindex(name), 0, 0, 8 | 41 << 16, bytes, 8 | 63 << 16,
          bytes,
        ]
        try socket.check(
          words.withUnsafeBytes { Glibc.send(socket.descriptor, $0.baseAddress, 48, 0) }, "send")
        var answer = [Int32](repeating: 0, count: 256)
        try socket.check(recv(socket.descriptor, &answer, 1024, 0), "recv")
        guard answer[4] == 0 else { throw SupportError("\(name): error \(answer[4])") }
      }
    }
  }

  /// Sends bytes over a TCP connection, from the peer to the host or the other way.
  ///
  /// - Returns: How many arrived until the end, or until nothing came for three seconds.
  public func transfer(
    _ count: Int, from side: Side = .peer, to port: UInt16, ipv6: Bool = false
  ) throws -> Int {
    let other = side == .peer ? Side.host : .peer
    let listener = try inside(other) { try Listener(port: port) }
    let target = try SocketAddress(ipv6 ? end(other).v6 : end(other).v4, port: port)
    let sender = try inside(side) { [target] in
      let socket = try Socket(target.family, SOCK_STREAM)
      try socket.check(target.with { connect(socket.descriptor, $0, $1) }, "connect")
      _ = fcntl(socket.descriptor, F_SETFL, O_NONBLOCK)
      return socket
    }
    let receiver = try listener.accept()
    var buffer = [UInt8](repeating: 0x61, count: 1 << 20)
    var (sent, received) = (0, 0)
    while received < count {
      if sent < count {
        let size = Glibc.send(
          sender.descriptor, buffer, min(buffer.count, count - sent), Int32(MSG_NOSIGNAL))
        sent += max(0, size)
      }
      guard receiver.waitFor(POLLIN, seconds: 3) else { break }
      let size = recv(receiver.descriptor, &buffer, buffer.count, 0)
      if size <= 0 { break }
      received += size
    }
    return received
  }
}
