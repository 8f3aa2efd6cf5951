import Glibc

/// A step that the kernel, or a library in front of it, refused.
public struct SystemError: Error, Sendable {
  /// The kernel's own number for a missing operation, `ENOTSUPP`, which user space does not know.
  public static let unsupported: CInt = 524

  /// What was tried, imperative and lower case: `look up`, `create link`.
  public let operation: String
  /// What it was tried on: a path, a map's name or an interface.
  public let subject: String
  /// The error number, positive; a library may have some of its own.
  public let errno: CInt
  /// What the kernel, a library or the driver said about it; empty if nothing.
  public let log: String
  /// What a library calls a number of its own.
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

  /// Whether it says that there is no such operation.
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

/// Passes on what a C library function returned; below zero the reason is in the global errno.
@discardableResult
public func checkErrno<Result: SignedInteger>(
  _ result: Result, _ operation: String, _ subject: @autoclosure () -> String
) throws(SystemError) -> Result {
  guard result < 0 else { return result }
  throw SystemError(operation: operation, subject: subject(), errno: Glibc.errno)
}
