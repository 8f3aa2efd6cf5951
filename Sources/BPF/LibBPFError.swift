import CLibBPF
import Linux

extension SystemError {
  /// The text of a number that only libbpf knows: 4000 and more.
  ///
  /// The corresponding C function is `libbpf_strerror`.
  static func reason(ofLibBPF number: CInt) -> String? {
    if number < 4000 { return nil }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard libbpf_strerror(number, buffer.baseAddress, buffer.count) == 0 else { return nil }
      return String(cString: buffer.baseAddress!)
    }
  }
}

/// Passes on the result of a libbpf function; a result below zero is a negated errno and throws.
@discardableResult
func check(
  _ result: CInt, _ operation: String, _ subject: @autoclosure () -> String, log: String = ""
) throws(SystemError) -> CInt {
  guard result < 0 else { return result }
  throw SystemError(
    operation: operation, subject: subject(), errno: -result,
    reason: SystemError.reason(ofLibBPF: -result), log: log)
}
