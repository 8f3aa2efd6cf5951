internal import Glibc
internal import Linux

/// An interface whose packets have no Ethernet header, and what is behind it: it is gone with this value.
public final class Tun: Sendable {
  public let name: String
  private let descriptor: Int32

  /// Created in the network namespace of the calling thread.
  public init(_ name: String) throws {
    self.name = name
    descriptor = Glibc.open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SupportError("/dev/net/tun: \(errno)") }
    // struct ifreq: the name, and IFF_TUN | IFF_NO_PI.
    var request = [UInt8](repeating: 0, count: 40)
    request.replaceSubrange(0..<name.utf8.count, with: name.utf8)
    withUnsafeBytes(of: UInt16(0x1001)) { request.replaceSubrange(16..<18, with: $0) }
    // TUNSETIFF
    guard ioctl(descriptor, 0x4004_54ca, &request) == 0 else {
      let code = errno
      close(descriptor)
      throw SupportError("tun \(name): \(code)")
    }
  }

  deinit { close(descriptor) }

  /// Lets packets come in by the interface, each beginning with the header of IP.
  public func send(_ packets: [[UInt8]]) throws {
    for packet in packets where Glibc.write(descriptor, packet, packet.count) != packet.count {
      throw SupportError("write to \(name): \(errno)")
    }
  }

  /// What the host has sent by the interface since the last call.
  public func take() -> [[UInt8]] {
    var packets: [[UInt8]] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count <= 0 { return packets }
      packets.append(Array(buffer.prefix(count)))
    }
  }
}
