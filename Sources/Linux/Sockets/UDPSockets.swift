import Glibc

/// A UDP socket of the calling thread's network namespace.
public struct UDPPeer: Hashable, Sendable {
  public let localPort: UInt16
  /// As `peer`.
  public let local: [UInt8]
  /// Octets in network order, 4 or 16 of them; all zero if it is not connected.
  public let peer: [UInt8]
  public let peerPort: UInt16
}

/// The UDP sockets of the calling thread's network namespace: `/proc/net/udp` and `udp6` (proc(5)).
public enum UDPSockets {
  public static func all() throws(SystemError) -> [UDPPeer] {
    var all: [UDPPeer] = []
    for path in ["/proc/thread-self/net/udp", "/proc/thread-self/net/udp6"] {
      // A host without IPv6 lacks the second one.
      guard try FileSystem.exists(path) else { continue }
      all += try SystemFiles().read(path).split(whereSeparator: \.isNewline).dropFirst()
        .compactMap { socket(in: $0) }
    }
    return all
  }

  /// Reads a line: `sl: LOCAL:PORT PEER:PORT …`, in hexadecimal. An address is written as words in host order.
  static func socket(in line: Substring) -> UDPPeer? {
    let words = line.split(separator: " ")
    guard words.count > 2, let local = end(words[1]), let peer = end(words[2]) else { return nil }
    return UDPPeer(
      localPort: local.port, local: local.octets, peer: peer.octets, peerPort: peer.port)
  }

  private static func end(_ text: Substring) -> (octets: [UInt8], port: UInt16)? {
    let parts = text.split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1], radix: 16),
      [8, 32].contains(parts[0].utf8.count)
    else { return nil }
    var octets: [UInt8] = []
    var rest = parts[0]
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      withUnsafeBytes(of: word) { octets += $0 }
      rest = rest.dropFirst(8)
    }
    return (octets, port)
  }
}
