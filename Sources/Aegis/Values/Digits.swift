extension UInt64 {
  /// Reads ASCII digits and nothing else: no sign, no leading zero, no overflow.
  init?(digits: Substring) {
    let utf8 = digits.utf8
    guard let first = utf8.first, first != UInt8(ascii: "0") || utf8.count == 1 else { return nil }
    var value: UInt64 = 0
    for byte in utf8 {
      guard let digit = byte.asDigit else { return nil }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry else { return nil }
      value = sum
    }
    self = value
  }
}

extension UInt8 {
  /// The value of an ASCII digit.
  var asDigit: UInt8? {
    let value = self &- UInt8(ascii: "0")
    return value < 10 ? value : nil
  }
}

extension Substring {
  /// Whether it is not empty and has only ASCII digits.
  var isDigits: Bool { !isEmpty && utf8.allSatisfy { $0.asDigit != nil } }

  /// Works on bytes: the Character of an ASCII digit would include a following combining mark.
  var afterFirstByte: Substring { self[utf8.index(after: startIndex)...] }
  var beforeLastByte: Substring { self[..<utf8.index(before: endIndex)] }

  /// The parts before and after the first `separator`; `after` is nil without one.
  func split(at separator: Unicode.Scalar) -> (before: Substring, after: Substring?) {
    guard let index = utf8.firstIndex(of: UInt8(ascii: separator)) else { return (self, nil) }
    return (self[..<index], self[utf8.index(after: index)...])
  }
}
