import Glibc

/// Does a step of libbpf's again when a signal cut it short, which it then did nothing of.
///
/// - Returns: What the last attempt returned; below zero it is a negated errno.
func uninterrupted(_ step: () -> CInt) -> CInt {
  for _ in 1..<100 {
    let result = step()
    if result != -EINTR { return result }
  }
  return step()
}
