import Glibc

/// An open file descriptor that is closed when it goes out of scope.
public struct FileDescriptor: ~Copyable, Sendable {
  /// The number of the descriptor.
  public let rawValue: CInt

  /// Takes over an open descriptor.
  public init(rawValue: CInt) {
    self.rawValue = rawValue
  }

  /// Opens a file with close-on-exec.
  ///
  /// - Parameter operation: The name of the operation in errors.
  ///
  /// The corresponding C function is `open`.
  public init(
    opening path: String, _ flags: CInt, to operation: String = "open"
  ) throws(SystemError) {
    try self.init(opening: path, named: path, flags, to: operation)
  }

  /// Does the same for a path that need not be UTF-8; errors name it `name`.
  ///
  /// The corresponding C function is `open`.
  init(
    opening path: UnsafePointer<CChar>, named name: String, _ flags: CInt,
    to operation: String = "open"
  ) throws(SystemError) {
    self.init(rawValue: try checkErrno(open(path, flags | O_CLOEXEC), operation, name))
  }

  deinit {
    close(rawValue)
  }

  /// A second descriptor of the same file, closed on exec.
  ///
  /// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
  public borrowing func duplicate() throws(SystemError) -> FileDescriptor {
    try Self.duplicating(rawValue)
  }

  /// Gives up ownership without closing the descriptor; the new owner must close it.
  public consuming func relinquish() { discard self }

  /// A new descriptor for the file of a descriptor that somebody else owns, with close-on-exec.
  ///
  /// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
  public static func duplicating(_ rawValue: CInt) throws(SystemError) -> FileDescriptor {
    let copy = try checkErrno(
      fcntl(rawValue, F_DUPFD_CLOEXEC, CInt(0)), "duplicate", "descriptor \(rawValue)")
    return FileDescriptor(rawValue: copy)
  }
}
