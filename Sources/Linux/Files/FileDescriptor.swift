import Glibc

/// An open file descriptor, closed when it goes out of scope.
public struct FileDescriptor: ~Copyable, Sendable {
  /// The number of the descriptor.
  public let rawValue: CInt

  /// Takes over an open descriptor.
  public init(rawValue: CInt) {
    self.rawValue = rawValue
  }

  /// Opens a file, closed on exec.
  ///
  /// - Parameter operation: What errors call it.
  ///
  /// The corresponding C function is `open`.
  public init(
    opening path: String, _ flags: CInt, to operation: String = "open"
  ) throws(SystemError) {
    try self.init(opening: path, named: path, flags, to: operation)
  }

  /// The same of a path that need not be UTF-8; errors call it `name`.
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

  /// Leaves it open, to whoever closes it from now on.
  public consuming func relinquish() { discard self }

  /// A descriptor of its own for the file of one that belongs to somebody else, closed on exec.
  ///
  /// The corresponding C function is `fcntl` with `F_DUPFD_CLOEXEC`.
  public static func duplicating(_ rawValue: CInt) throws(SystemError) -> FileDescriptor {
    let copy = try checkErrno(
      fcntl(rawValue, F_DUPFD_CLOEXEC, CInt(0)), "duplicate", "descriptor \(rawValue)")
    return FileDescriptor(rawValue: copy)
  }
}
