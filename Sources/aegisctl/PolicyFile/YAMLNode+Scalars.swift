import Aegis

/// Plain scalars according to the core schema of YAML 1.2, section 10.3.2.
extension YAMLNode {
  /// nil if it is not a boolean.
  var flag: Bool? {
    guard case .scalar(let text, isPlain: true) = content else { return nil }
    switch text {
    case "true", "True", "TRUE": return true
    case "false", "False", "FALSE": return false
    default: return nil
    }
  }

  /// Reads decimal, octal `0o17` and hexadecimal `0xff`; nil if it is not a whole number.
  ///
  /// - Throws: `InputError` for a number with a leading zero, which YAML 1.1 reads as octal.
  func number() throws(InputError) -> Int? {
    guard case .scalar(let text, isPlain: true) = content else { return nil }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] where text.hasPrefix(prefix) {
      let digits = text.dropFirst(prefix.count)
      return digits.first?.isHexDigit == true ? Int(digits, radix: radix) : nil
    }
    guard let number = Int(text) else { return nil }
    let digits = text.drop { $0 == "+" || $0 == "-" }
    if digits.count > 1, digits.first == "0" {
      throw InputError(
        input: text, problem: "begins with a zero",
        hint: "write \(number), or 0o\(digits.drop { $0 == "0" }) if octal is meant")
    }
    return number
  }
}
