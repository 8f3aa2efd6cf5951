import CLibBPF
import Glibc

/// A step that the kernel or libbpf refused.
public struct SystemError: Error, Sendable {
  /// What was tried, imperative and lower case: `look up`, `create link`.
  public let operation: String
  /// What it was tried on: a path, a map's name or an interface.
  public let subject: String
  /// The error number, positive; from 4000 on it is one of libbpf's own.
  public let errno: CInt
  /// What libbpf, the verifier or the driver said about it; empty if nothing.
  public let log: String

  /// Makes an error from its parts.
  public init(operation: String, subject: String, errno: CInt, log: String = "") {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.log = log
  }

  /// Whether it says that there is no such operation.
  public var isUnsupported: Bool { errno == EOPNOTSUPP || errno == BPF_ENOTSUPP }

  /// The text of `errno`.
  ///
  /// The corresponding C function is `strerror`, or `libbpf_strerror` for libbpf's own numbers.
  public var reason: String {
    if errno == BPF_ENOTSUPP { return "Operation not supported" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard errno >= 4000, libbpf_strerror(errno, buffer.baseAddress, buffer.count) == 0 else {
        return String(cString: strerror(errno))
      }
      return String(cString: buffer.baseAddress!)
    }
  }
}

extension SystemError: CustomStringConvertible {
  /// `cannot <operation> <subject>: <reason>`.
  public var description: String { "cannot \(operation) \(subject): \(reason)" }
}

/// Passes on what a libbpf function returned; below zero it is a negated errno.
@discardableResult
func check(
  _ result: CInt, _ operation: String, _ subject: @autoclosure () -> String, log: String = ""
) throws(SystemError) -> CInt {
  guard result < 0 else { return result }
  throw SystemError(operation: operation, subject: subject(), errno: -result, log: log)
}

/// Passes on what a C library function returned; below zero the reason is in the global errno.
@discardableResult
func checkErrno(
  _ result: CInt, _ operation: String, _ subject: @autoclosure () -> String
) throws(SystemError) -> CInt {
  guard result < 0 else { return result }
  throw SystemError(operation: operation, subject: subject(), errno: Glibc.errno)
}
