import Glibc

/// Standard output did not take everything: a full disk, say.
struct OutputError: Error, CustomStringConvertible {
  let errno: CInt
  /// Whether what it was to tell of was done.
  var isDone = false

  var description: String {
    "cannot write to standard output: \(String(cString: strerror(errno)))"
      + (isDone ? "; the change was made nevertheless" : "")
  }
}
