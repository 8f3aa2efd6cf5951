import Glibc

/// Repeats a libbpf call that a signal interrupted; an interrupted call has had no effect.
///
/// - Returns: The result of the last attempt; a result below zero is a negated errno.
func uninterrupted(_ step: () -> CInt) -> CInt {
  for _ in 1..<100 {
    let result = step()
    if result != -EINTR { return result }
  }
  return step()
}
