import Glibc

/// An operation that the kernel, or a library above it, refused.
public struct SystemError: Error, Sendable {
  /// The kernel-internal error number for an unsupported operation, `ENOTSUPP`, which user space does not define.
  public static let unsupported: CInt = 524

  /// The operation, imperative and lower case: `look up`, `create link`.
  public let operation: String
  /// The object of the operation: a path, a map's name or an interface.
  public let subject: String
  /// The error number, positive; a library may define its own.
  public let errno: CInt
  /// Messages from the kernel, a library or the driver; empty if there are none.
  public let log: String
  /// The text of a library's own error number.
  private let ownReason: String?

  /// Makes an error from its parts.
  ///
  /// - Parameter reason: The text of an error number that the C library does not know.
  public init(
    operation: String, subject: String, errno: CInt, reason: String? = nil, log: String = ""
  ) {
    self.operation = operation
    self.subject = subject
    self.errno = errno
    self.log = log
    ownReason = reason
  }

  /// The same error with another log.
  public func with(log: String) -> SystemError {
    SystemError(
      operation: operation, subject: subject, errno: errno, reason: ownReason, log: log)
  }

  /// Whether the operation is not supported.
  public var isUnsupported: Bool { errno == EOPNOTSUPP || errno == Self.unsupported }

  /// The text of `errno`.
  ///
  /// The corresponding C function is `strerror`.
  public var reason: String {
    if let ownReason { return ownReason }
    if errno == Self.unsupported { return "Operation not supported" }
    return String(cString: strerror(errno))
  }
}

extension SystemError: CustomStringConvertible {
  /// `cannot <operation> <subject>: <reason>`.
  public var description: String { "cannot \(operation) \(subject): \(reason)" }
}

/// Passes on the result of a C library function; below zero, the reason is in the global errno.
@discardableResult
public func checkErrno<Result: SignedInteger>(
  _ result: Result, _ operation: String, _ subject: @autoclosure () -> String
) throws(SystemError) -> Result {
  guard result < 0 else { return result }
  throw SystemError(operation: operation, subject: subject(), errno: Glibc.errno)
}
