import Aegis

/// An event for programs, as a line of JSON.
struct EventObject: Encodable {
  struct Ethernet: Encodable {
    let source: String
    let destination: String
    /// VLAN numbers, the outermost first.
    let vlans: [UInt16]
    /// The EtherType behind the tags, `0x0800`.
    let etherType: String
  }

  let apiVersion = APIVersion.current
  let kind = "Event"
  /// RFC 3339 in UTC, to the nanosecond.
  let time: String
  let interface: String
  /// `in` or `out`.
  let direction: String
  let verdict: String
  let reason: String
  /// Why it would have been dropped, if the reason only monitors.
  let wouldDrop: String?
  let rule: String?
  /// The list whose entry decided, or would have dropped it; absent if none did.
  let list: String?
  /// The class of its source, or of its destination if it leaves; absent where nothing asks for classes.
  let `class`: String?
  /// Length of the frame in bytes.
  let length: Int
  let source: String?
  let destination: String?
  let `protocol`: String?
  let sourcePort: UInt16?
  let destinationPort: UInt16?
  let icmpType: UInt8?
  let icmpCode: UInt8?
  let ethernet: Ethernet?
  /// The first bytes of the frame, in hexadecimal.
  let packet: String

  init(_ event: Event) {
    time = event.timeText(digits: 9)
    interface = event.interface
    direction = event.direction.rawValue
    verdict = event.reason.verdict.rawValue
    reason = event.reason.name
    wouldDrop = event.wouldDrop?.name
    rule = event.rule
    list = event.list?.text
    self.class = event.className?.text
    length = event.length
    source = event.source.map { "\($0)" }
    destination = event.destination.map { "\($0)" }
    self.protocol = event.protocol.map { "\($0)" }
    sourcePort = event.sourcePort
    destinationPort = event.destinationPort
    icmpType = event.icmp?.type
    icmpCode = event.icmp?.code
    ethernet = event.link.map {
      Ethernet(
        source: "\($0.source)", destination: "\($0.destination)", vlans: $0.vlans,
        etherType: $0.typeNumber)
    }
    packet = Self.hex(event.bytes)
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(2 * bytes.count)
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 0xf)]] }
    return String(decoding: text, as: UTF8.self)
  }
}
