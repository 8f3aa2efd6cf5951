import Glibc

/// Standard output did not take everything: a full disk, say.
struct OutputError: Error, CustomStringConvertible {
  let errno: CInt
  /// Whether the reported change was made.
  var isDone = false

  var description: String {
    "cannot write to standard output: \(String(cString: strerror(errno)))"
      + (isDone ? "; the change was made nevertheless" : "")
  }
}
