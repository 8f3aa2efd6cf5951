import Glibc

/// The files of `/proc` and `/sys`, or a copy of them below another directory. Paths, names and contents are escaped,
/// since they contain interface names.
public struct SystemFiles: Sendable {
  private let root: String

  /// - Parameter root: The prefix of every path; empty for the kernel's own files.
  public init(root: String = "") {
    self.root = root
  }

  /// The real path of a file.
  public func path(_ path: String) -> String { root + path }

  /// Reads a whole file of any length: `/proc/interrupts` is returned in pieces.
  ///
  /// The corresponding C function is `read`.
  public func read(_ path: String) throws(SystemError) -> String {
    let path = self.path(path)
    let file = try FileDescriptor(opening: path.unescapedCString, named: path, O_RDONLY)
    defer { extendLifetime(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    while let piece = try Descriptors.read(file.rawValue, into: &buffer, named: path) {
      bytes += piece
    }
    return String(escaping: bytes)
  }

  /// Writes a line to an existing file in a single write, as the kernel requires.
  ///
  /// The corresponding C function is `write`.
  public func write(_ line: String, to path: String) throws(SystemError) {
    let path = self.path(path)
    let file = try FileDescriptor(
      opening: path.unescapedCString, named: path, O_WRONLY | O_TRUNC)
    defer { extendLifetime(file) }
    let bytes = Array((line + "\n").utf8)
    let count = Glibc.write(file.rawValue, bytes, bytes.count)
    guard count == bytes.count else {
      throw SystemError(
        operation: "write \(line) to", subject: path, errno: count < 0 ? Glibc.errno : EIO)
    }
  }

  /// The names in a directory, sorted.
  public func list(_ path: String) throws(SystemError) -> [String] {
    let path = self.path(path)
    let directory = try FileDescriptor(
      opening: path.unescapedCString, named: path, O_RDONLY | O_DIRECTORY, to: "list")
    return try FileSystem.names(in: directory, path) { String(escaping: $0) }
  }

  /// The last component of a symbolic link's target; nil if it is not a link.
  public func linkName(_ path: String) -> String? {
    let path = self.path(path)
    let target = try? FileSystem.target(of: path.unescapedCString, in: AT_FDCWD, path)
    return target?.lastPathComponent
  }
}
