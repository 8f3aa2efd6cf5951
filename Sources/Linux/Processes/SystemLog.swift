internal import Glibc

/// The system's log, by its socket. `syslog` of the C library waits while nobody reads the socket; this never does.
public enum SystemLog {
  /// LOG_AUTHPRIV and LOG_NOTICE: who changed what is not for everybody's eyes.
  private static let priority = 10 << 3 | 5
  private static let socketPath = "/dev/log"

  /// Sends a line, in the form of RFC 3164 without a time, as `syslog` does. Where nothing takes it, it is lost.
  public static func write(_ text: String, by program: String) {
    let descriptor = socket(
      AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8) }
    let line = Array("<\(priority)>\(program)[\(getpid())]: \(text)".utf8)
    _ = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(
          descriptor, line, line.count, Int32(MSG_NOSIGNAL), $0,
          socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// The user of the audit session; nil if there is none.
  public static var loginUser: UInt32? {
    guard let text = try? SystemFiles().read("/proc/self/loginuid"), let user = UInt32(text),
      user != .max
    else { return nil }
    return user
  }
}
