import Aegis
import CLibPCap

/// The link types whose packets can be converted to Ethernet frames.
enum LinkType: Sendable {
  case ethernet
  /// IP without a link header: either version, or only one.
  case ip, ipv4, ipv6
  /// Linux cooked captures of any link, `LINKTYPE_LINUX_SLL` and `LINKTYPE_LINUX_SLL2`.
  case cooked, cooked2
  /// An address family first, in the byte order of the capturing host or in network byte order.
  case null, loop

  /// - Parameter number: A `DLT_` value.
  init?(_ number: CInt) {
    switch number {
    case DLT_EN10MB: self = .ethernet
    case DLT_RAW: self = .ip
    case DLT_IPV4: self = .ipv4
    case DLT_IPV6: self = .ipv6
    case DLT_LINUX_SLL: self = .cooked
    case DLT_LINUX_SLL2: self = .cooked2
    case DLT_NULL: self = .null
    case DLT_LOOP: self = .loop
    default: return nil
    }
  }

  /// Bytes before the packet that an Ethernet header replaces.
  var headerLength: Int {
    switch self {
    case .ethernet, .ip, .ipv4, .ipv6: 0
    case .cooked: 16
    case .cooked2: 20
    case .null, .loop: 4
    }
  }

  /// Bytes of the Ethernet header that is added.
  var madeLength: Int { self == .ethernet ? 0 : EthernetHeader.length }

  /// Makes an Ethernet header for a packet; empty if it has one.
  ///
  /// - Parameters:
  ///   - packet: What was captured, at least `headerLength` bytes.
  ///   - payload: The length on the wire of what follows the header.
  func header(_ packet: borrowing Span<UInt8>, payload: Int) -> [UInt8] {
    switch self {
    case .ethernet: []
    case .ip: EthernetHeader.bytes(type: EthernetHeader.type(ofIP: packet.first))
    case .ipv4: EthernetHeader.bytes(type: EthernetHeader.ipv4)
    case .ipv6: EthernetHeader.bytes(type: EthernetHeader.ipv6)
    // The family of IPv6 is 10, 24, 28 or 30, depending on the system; the packet itself is unambiguous.
    case .null, .loop: EthernetHeader.bytes(type: EthernetHeader.type(ofIP: packet[at: 4]))
    case .cooked, .cooked2: cookedHeader(packet, payload: payload)
    }
  }

  /// Whether the host that captured the packet received or sent it; nil if this is not recorded.
  func direction(_ packet: borrowing Span<UInt8>) -> Direction? {
    cookedFields.map { packet[$0.kind] == Self.sent ? .out : .in }
  }

  /// A VLAN tag that was put back is before the payload, with its own type in the header.
  private func cookedHeader(_ packet: borrowing Span<UInt8>, payload: Int) -> [UInt8] {
    guard let fields = cookedFields else { return [] }
    let type = UInt16(packet[fields.type]) << 8 | UInt16(packet[fields.type + 1])
    let address = (0..<6).map { packet[fields.address + $0] }
    return EthernetHeader.bytes(
      // Smaller numbers are Linux's own, for frames of IEEE 802.3, which have their length there.
      type: type < 0x0600 ? UInt16(min(payload, 0x05ff)) : type,
      source: packet[fields.address - 1] == 6 ? address : [0, 0, 0, 0, 0, 0],
      isBroadcast: packet[fields.kind] == Self.broadcast)
  }

  /// `LINUX_SLL_BROADCAST` and `LINUX_SLL_OUTGOING`.
  private static let broadcast = 1 as UInt8
  private static let sent = 4 as UInt8

  /// Offsets of the fields; the byte before the address is its length.
  private var cookedFields: (kind: Int, address: Int, type: Int)? {
    switch self {
    case .cooked: (1, 6, 14)
    case .cooked2: (10, 12, 0)
    default: nil
    }
  }
}

extension Span<UInt8> {
  fileprivate var first: UInt8? { self[at: 0] }

  fileprivate subscript(at index: Int) -> UInt8? { index < count ? self[index] : nil }
}
