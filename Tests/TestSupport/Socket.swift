internal import Glibc

/// A socket, closed with its last reference. It belongs to the namespace that it was made in.
final class Socket: Sendable {
  let descriptor: Int32

  init(_ family: Int32, _ type: __socket_type, protocol number: Int32 = 0) throws {
    descriptor = socket(family, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), number)
    if descriptor < 0 { throw Self.failure("socket") }
  }

  init(owning descriptor: Int32) throws {
    self.descriptor = descriptor
    if descriptor < 0 { throw Self.failure("accept") }
  }

  deinit { close(descriptor) }

  func set(_ option: Int32, _ value: Int32, level: Int32) throws {
    var value = value
    try check(
      setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size)),
      "setsockopt \(option)")
  }

  /// Binds to any address, also to one that is nobody's here.
  func bind(to address: String, port: UInt16 = 0, transparent: Bool = false) throws {
    let bound = try SocketAddress(address, port: port)
    if transparent {
      let isIPv6 = bound.family == AF_INET6
      try set(isIPv6 ? 75 : 19, 1, level: isIPv6 ? Int32(IPPROTO_IPV6) : 0)
    }
    try check(bound.with { Glibc.bind(descriptor, $0, $1) }, "bind to \(address)")
  }

  func waitFor(_ events: Int32, seconds: Double) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    return poll(&entry, 1, Int32(max(0, seconds) * 1000)) > 0
  }

  func check(_ result: some BinaryInteger, _ operation: String) throws {
    if result < 0 { throw Self.failure(operation) }
  }

  static func failure(_ operation: String) -> SupportError {
    SupportError("\(operation): \(String(cString: strerror(errno)))")
  }
}
