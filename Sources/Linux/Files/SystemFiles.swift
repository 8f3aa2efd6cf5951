import Glibc

/// The files of `/proc` and `/sys`, or a copy of them below another directory. Paths, names and what is read are
/// escaped, for there are names of interfaces among them.
public struct SystemFiles: Sendable {
  private let root: String

  /// - Parameter root: What stands before every path; empty for the kernel's own files.
  public init(root: String = "") {
    self.root = root
  }

  /// Where a file really is.
  public func path(_ path: String) -> String { root + path }

  /// The whole of a file, as long as it may be: `/proc/interrupts` comes in pieces.
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

  /// Writes a line to a file that is there, at once, as the kernel wants it.
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

  /// The last part of where a symbolic link leads to; nil if it is none.
  public func linkName(_ path: String) -> String? {
    let path = self.path(path)
    let target = try? FileSystem.target(of: path.unescapedCString, in: AT_FDCWD, path)
    return target?.lastPathComponent
  }
}
