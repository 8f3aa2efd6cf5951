/// The Ethernet header of a frame, and its VLAN tags.
public struct LinkHeader: Hashable, Sendable {
  public let destination: HardwareAddress
  public let source: HardwareAddress
  /// VLAN numbers, the outermost first; as many as the datapath parses.
  public let vlans: [UInt16]
  /// The type of the payload after the tags; a value below 0x0600 is a length.
  public let etherType: UInt16

  /// In bytes, including the tags.
  public var length: Int { 14 + 4 * vlans.count }

  private static let tagTypes: Set<UInt16> = [0x8100, 0x88a8]
  private static let mostTags = 4

  /// Reads the first bytes of a frame; nil if they are too few.
  public init?(_ frame: [UInt8]) {
    func word(at offset: Int) -> UInt16? {
      guard offset + 2 <= frame.count else { return nil }
      return UInt16(frame[offset]) << 8 | UInt16(frame[offset + 1])
    }
    var offset = 12
    guard var type = word(at: offset) else { return nil }
    var vlans: [UInt16] = []
    while vlans.count < Self.mostTags, Self.tagTypes.contains(type),
      let tag = word(at: offset + 2), let next = word(at: offset + 4)
    {
      vlans.append(tag & 0xfff)
      type = next
      offset += 4
    }
    destination = HardwareAddress(octets: Array(frame[0..<6]))
    source = HardwareAddress(octets: Array(frame[6..<12]))
    self.vlans = vlans
    etherType = type
  }
}

/// The address of a network card.
public struct HardwareAddress: Hashable, Sendable, CustomStringConvertible {
  public let octets: [UInt8]

  public init(octets: [UInt8]) {
    self.octets = octets
  }

  /// `02:00:00:00:00:01`.
  public var description: String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }
}
