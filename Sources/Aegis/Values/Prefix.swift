/// Addresses that begin with the same bits. A single address, called a host, is a prefix of full length.
///
/// Always canonical: host bits are zero.
public struct Prefix: Hashable, Sendable {
  public let address: IPAddress
  /// In bits, 0 to 32 or 0 to 128.
  public let length: Int

  /// The prefix of a host.
  public init(_ address: IPAddress) {
    self.address = address
    length = address.width
  }

  /// The prefix that contains `address`; nil if the length is not valid for the family.
  public init?(address: IPAddress, length: Int) {
    guard 0...address.width ~= length else { return nil }
    self.init(masking: address, length: length)
  }

  init(masking address: IPAddress, length: Int) {
    self.length = length
    self.address = address.replacing(leftAligned: address.leftAligned & Self.mask(length))
  }

  /// Whether it is a single address.
  public var isHost: Bool { length == address.width }

  public func contains(_ other: IPAddress) -> Bool {
    address.width == other.width
      && (address.leftAligned ^ other.leftAligned) & Self.mask(length) == 0
  }

  /// Whether it contains every address of `other`.
  public func contains(_ other: Prefix) -> Bool {
    length <= other.length && contains(other.address)
  }

  private static func mask(_ length: Int) -> UInt128 { .max << (128 - length) }
}

extension Prefix: Comparable {
  /// Ordered by address, then the wider prefix first.
  public static func < (left: Prefix, right: Prefix) -> Bool {
    (left.address, left.length) < (right.address, right.length)
  }
}

extension Prefix: CustomStringConvertible {
  /// `10.0.0.0/8`, or `10.0.0.1` for a host.
  public var description: String { isHost ? "\(address)" : "\(address)/\(length)" }
}
