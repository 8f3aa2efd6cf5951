internal import Glibc

/// An IPv4 or IPv6 address with a port, as the socket calls take it.
struct SocketAddress {
  private var storage = sockaddr_storage()
  private let length: socklen_t
  let family: Int32

  init(_ address: String, port: UInt16 = 0) throws {
    let isIPv6 = address.contains(":")
    family = isIPv6 ? AF_INET6 : AF_INET
    length = socklen_t(
      isIPv6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    let isParsed = withUnsafeMutablePointer(to: &storage) { storage in
      if isIPv6 {
        return storage.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          $0.pointee.sin6_family = sa_family_t(AF_INET6)
          $0.pointee.sin6_port = port.bigEndian
          return inet_pton(AF_INET6, address, &$0.pointee.sin6_addr) == 1
        }
      }
      return storage.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        $0.pointee.sin_family = sa_family_t(AF_INET)
        $0.pointee.sin_port = port.bigEndian
        return inet_pton(AF_INET, address, &$0.pointee.sin_addr) == 1
      }
    }
    guard isParsed else { throw SupportError("\(address) is not an address") }
  }

  func with<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
    }
  }

  /// The text of a sender's address; one that came to an IPv6 socket over IPv4 is IPv4.
  static func text(_ storage: sockaddr_storage) -> String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    withUnsafePointer(to: storage) {
      $0.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        var address = $0.pointee.sin6_addr
        _ = inet_ntop(AF_INET6, &address, &text, socklen_t(text.count))
      }
    }
    let written = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
    return written.hasPrefix("::ffff:") ? String(written.dropFirst(7)) : written
  }
}
