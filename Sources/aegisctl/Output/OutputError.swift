import Glibc

/// Standard output did not take everything: a full disk, say.
struct OutputError: Error, CustomStringConvertible {
  let errno: CInt

  var description: String {
    "cannot write to standard output: \(String(cString: strerror(errno)))"
  }
}
