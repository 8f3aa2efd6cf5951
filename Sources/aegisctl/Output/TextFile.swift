import Aegis
import Glibc

/// A file that others read while it is replaced.
enum TextFile {
  /// Readers see the file as it was or as it is now, and after a crash too. Anybody may read it.
  ///
  /// The corresponding C function is `rename`.
  static func replace(_ path: String, with text: String) throws(AegisError) {
    let slash = path.lastIndex(of: "/")
    let directory = slash.map { path[...$0] } ?? "./"
    var temporary = Array((directory + ".aegis-XXXXXX").utf8CString)
    let descriptor = mkstemp(&temporary)
    guard descriptor >= 0 else { throw failure(path) }
    defer { close(descriptor) }
    guard DescriptorWriter.write(text, to: descriptor) == 0, fchmod(descriptor, 0o644) == 0,
      fsync(descriptor) == 0, rename(temporary, path) == 0
    else {
      let error = failure(path)
      unlink(temporary)
      throw error
    }
    let parent = open(String(directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard parent >= 0 else { return }
    fsync(parent)
    close(parent)
  }

  /// Whether it can be replaced, as far as that can be known before.
  static func check(_ path: String) throws(AegisError) {
    let slash = path.lastIndex(of: "/")
    guard access(slash.map { String(path[...$0]) } ?? ".", W_OK | X_OK) == 0 else {
      throw failure(path)
    }
  }

  private static func failure(_ path: String) -> AegisError {
    AegisError(.failed, "cannot write \(path): \(String(cString: strerror(errno)))")
  }
}
