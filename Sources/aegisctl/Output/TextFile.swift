import Aegis
import Glibc

/// A file that others may read while it is replaced.
enum TextFile {
  /// Readers see either the old or the new file, even after a crash. Anyone may read it, unless `mode` says
  /// otherwise.
  ///
  /// The corresponding C function is `rename`.
  static func replace(
    _ path: String, with text: String, mode: mode_t = 0o644
  ) throws(AegisError) {
    try checkKind(path)
    let directory = directory(of: path)
    var temporary = Array((directory + ".aegis-XXXXXX").utf8CString)
    let descriptor = mkstemp(&temporary)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    guard DescriptorWriter.write(text, to: descriptor) == 0, fchmod(descriptor, mode) == 0,
      fsync(descriptor) == 0, rename(temporary, path) == 0
    else {
      let error = failure(path)
      unlink(temporary)
      throw error
    }
    let parent = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    fsync(parent)
    close(parent)
  }

  /// Refuses anything but a regular file: a device or a FIFO would be lost, and a symbolic link in a directory that
  /// others can write to could lead to a file that the caller does not mean.
  ///
  /// The corresponding C function is `lstat`.
  private static func checkKind(_ path: String) throws(AegisError) {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
    throw AegisError(.failed, "cannot write \(path): it is not a regular file")
  }

  /// Checks whether the file can be replaced, as far as that is known in advance.
  static func check(_ path: String) throws(AegisError) {
    try checkKind(path)
    guard access(directory(of: path), W_OK | X_OK) == 0 else { throw failure(path) }
  }

  /// The directory with a trailing slash.
  private static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
  }

  private static func failure(_ path: String) -> AegisError {
    AegisError(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
