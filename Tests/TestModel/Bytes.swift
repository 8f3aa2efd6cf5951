extension [UInt8] {
  /// An integer in network order.
  static func big(_ value: some FixedWidthInteger) -> [UInt8] {
    Swift.withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0, count: count) }

  var hex: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
