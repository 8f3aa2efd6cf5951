import Aegis
import Glibc

/// A file that others read while it is replaced.
enum TextFile {
  /// Readers see the file as it was or as it is now, and after a crash too. Anybody may read it, unless `mode` says otherwise.
  ///
  /// The corresponding C function is `rename`.
  static func replace(
    _ path: String, with text: String, mode: mode_t = 0o644
  ) throws(AegisError) {
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

  /// Whether it can be replaced, as far as that can be known before.
  static func check(_ path: String) throws(AegisError) {
    guard access(directory(of: path), W_OK | X_OK) == 0 else { throw failure(path) }
  }

  /// With a slash at its end.
  private static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
  }

  private static func failure(_ path: String) -> AegisError {
    AegisError(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
