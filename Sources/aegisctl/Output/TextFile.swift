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
    let path = try target(of: path)
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

  /// The target of a symbolic link. It must be a regular file: a device or a FIFO would be lost.
  private static func target(of path: String) throws(AegisError) -> String {
    var status = stat()
    guard stat(path, &status) == 0 else { return path }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw AegisError(.failed, "cannot write \(path): it is not a regular file")
    }
    guard let resolved = realpath(path, nil) else { throw failure(path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Checks whether the file can be replaced, as far as that is known in advance.
  static func check(_ path: String) throws(AegisError) {
    let path = try target(of: path)
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
