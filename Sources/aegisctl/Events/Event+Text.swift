import Aegis

extension Event {
  /// Address and port, `192.0.2.1:53` or `[2001:db8::1]:53`; for frames other than IP the hardware address.
  var sourceText: String {
    guard let source else { return link.map { "\($0.source)" } ?? "-" }
    return Self.text(source, sourcePort)
  }

  /// The same for the destination, with the kind of packet: `192.0.2.1:53/udp`, `192.0.2.1/icmp type 8 code 0`.
  var destinationText: String {
    guard let destination, let `protocol` else {
      return link.map { "\($0.destination)/\($0.typeText)" } ?? "-"
    }
    let message = icmp.map { " type \($0.type) code \($0.code)" } ?? ""
    return "\(Self.text(destination, destinationPort))/\(`protocol`)\(message)"
  }

  /// The reason as named in `stats`.
  var reasonText: String { isOnlyMonitored ? "would-\(decider)" : "\(reason)" }

  /// One clause in English.
  var meaning: String {
    let meaning = decider.meaning(direction)
    return isOnlyMonitored ? "passed: \(meaning), but that is only monitored" : meaning
  }

  private static func text(_ address: IPAddress, _ port: UInt16?) -> String {
    guard let port else { return "\(address)" }
    if case .v6 = address { return "[\(address)]:\(port)" }
    return "\(address):\(port)"
  }

  /// RFC 3339 in UTC.
  ///
  /// - Parameter digits: Digits of the fraction of a second, up to 9.
  func timeText(digits: Int) -> String {
    // Rounded down, even before 1970: a board whose clock was never set starts there.
    let rest = (time % 1_000_000_000 + 1_000_000_000) % 1_000_000_000
    let seconds = (time - rest) / 1_000_000_000
    let fraction = String(rest)
    let padded = String(repeating: "0", count: 9 - fraction.utf8.count) + fraction
    return "\(WallTime(milliseconds: seconds * 1000))".dropLast() + ".\(padded.prefix(digits))Z"
  }
}

extension LinkHeader {
  private static let names: [UInt16: String] = [
    0x0800: "ipv4", 0x0806: "arp", 0x86dd: "ipv6", 0x8809: "slow", 0x888e: "eapol",
    0x88cc: "lldp",
  ]

  /// The name of the EtherType or, for most, its number.
  var typeText: String { Self.names[etherType] ?? typeNumber }

  /// `0x88b5`.
  var typeNumber: String {
    let digits = String(etherType, radix: 16)
    return "0x" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }
}
