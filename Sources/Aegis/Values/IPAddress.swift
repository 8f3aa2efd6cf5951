/// An IPv4 or IPv6 address, its bits in host order. Every IPv4 address sorts before every IPv6 one.
public enum IPAddress: Hashable, Sendable {
  case v4(UInt32)
  case v6(UInt128)

  /// Bits in an address of the family: 32 or 128.
  public var width: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// The address aligned to the most significant bit, in either family.
  var leftAligned: UInt128 {
    switch self {
    case .v4(let bits): UInt128(bits) << 96
    case .v6(let bits): bits
    }
  }

  /// An address of the same family with these bits.
  func replacing(leftAligned bits: UInt128) -> IPAddress {
    switch self {
    case .v4: .v4(UInt32(truncatingIfNeeded: bits >> 96))
    case .v6: .v6(bits)
    }
  }

  /// The IPv4 address in an IPv4-mapped one (`::ffff:192.0.2.1`); any other address is returned unchanged.
  var unmapped: IPAddress {
    guard case .v6(let bits) = self, bits >> 32 == 0xffff else { return self }
    return .v4(UInt32(truncatingIfNeeded: bits))
  }
}

extension IPAddress: Comparable {
  public static func < (left: IPAddress, right: IPAddress) -> Bool {
    (left.width, left.leftAligned) < (right.width, right.leftAligned)
  }
}

extension IPAddress: CustomStringConvertible {
  /// A dotted quad, or the form of RFC 5952.
  public var description: String {
    switch self {
    case .v4(let bits):
      return "\(bits >> 24).\(bits >> 16 & 0xff).\(bits >> 8 & 0xff).\(bits & 0xff)"
    case .v6(let bits):
      if case .v4 = unmapped { return "::ffff:\(unmapped)" }
      return Self.rfc5952((0..<8).map { UInt16(truncatingIfNeeded: bits >> (112 - 16 * $0)) })
    }
  }

  /// Lower case, no leading zeros, the first of the longest runs of two or more zeros as `::`.
  private static func rfc5952(_ groups: [UInt16]) -> String {
    var longest = 0..<0
    var start = 0
    for index in groups.indices {
      if groups[index] != 0 {
        start = index + 1
      } else if index + 1 - start > max(longest.count, 1) {
        longest = start..<index + 1
      }
    }
    func text(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    guard !longest.isEmpty else { return text(groups.indices) }
    return text(0..<longest.lowerBound) + "::" + text(longest.upperBound..<groups.count)
  }
}
