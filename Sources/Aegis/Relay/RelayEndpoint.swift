internal import CAegis

/// An address of a host and a UDP port: `192.0.2.1:4500`, `[2001:db8::1]:4500`.
public struct RelayEndpoint: Hashable, Sendable {
  public let address: IPAddress
  public let port: UInt16

  init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// - Throws: `InputError` for other text, port 0, and an address that is not that of one host.
  public init(_ text: some StringProtocol) throws(InputError) {
    let hint = "write it as 192.0.2.1:4500 or [2001:db8::1]:4500"
    let text = Substring(String(text))
    let isBracketed = text.utf8.first == UInt8(ascii: "[")
    let host: Substring
    let port: Substring
    if isBracketed, let end = text.lastIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.utf8.first == UInt8(ascii: ":") else {
        throw InputError(text, "has no port", hint: hint)
      }
      port = rest.afterFirstByte
    } else {
      let (before, after) = text.split(at: ":")
      guard let after else { throw InputError(text, "has no port", hint: hint) }
      if after.utf8.contains(UInt8(ascii: ":")) || isBracketed {
        throw InputError(text, "is not an address and a port", hint: hint)
      }
      (host, port) = (before, after)
    }
    guard let number = UInt64(digits: port).flatMap({ UInt16(exactly: $0) }), number > 0 else {
      throw InputError(text, "has no port from 1 to 65535", hint: hint)
    }
    let address: IPAddress
    do throws(InputError) {
      address = try IPAddress.literal(host)
    } catch {
      throw InputError(text, error.problem, hint: error.hint ?? hint)
    }
    self.init(address, port: number)
    try check(text, isBracketed: isBracketed)
  }

  private func check(_ text: Substring, isBracketed: Bool) throws(InputError) {
    if address.unmapped != address {
      throw InputError(
        text, "is an IPv4-mapped address", hint: "write \(address.unmapped):\(port)")
    }
    if case .v4 = address, isBracketed {
      throw InputError(text, "has an IPv4 address in brackets", hint: "write \(self)")
    }
    if let kind = address.kindOfNoHost {
      throw InputError(text, "has \(kind), not that of one host")
    }
  }
}

extension RelayEndpoint: CustomStringConvertible {
  public var description: String {
    switch address {
    case .v4: "\(address):\(port)"
    case .v6: "[\(address)]:\(port)"
    }
  }
}

extension RelayEndpoint: Comparable {
  public static func < (left: RelayEndpoint, right: RelayEndpoint) -> Bool {
    (left.address, left.port) < (right.address, right.port)
  }
}

extension IPAddress {
  /// What an address is that no packet can be routed to; nil for one of a host.
  fileprivate var kindOfNoHost: String? {
    switch self {
    case .v4(let bits):
      switch bits >> 24 {
      case 0: "an unspecified address"
      case 127: "a loopback address"
      case 224...239: "a multicast address"
      case 240...255: "a reserved or broadcast address"
      default: nil
      }
    case .v6(let bits):
      switch bits {
      case 0: "an unspecified address"
      case 1: "a loopback address"
      default:
        bits >> 120 == 0xff
          ? "a multicast address" : bits >> 118 == 0x3fa ? "a link-local address" : nil
      }
    }
  }

  /// `enum aegis_family`.
  var family: UInt8 {
    switch self {
    case .v4: UInt8(AEGIS_FAMILY_V4.rawValue)
    case .v6: UInt8(AEGIS_FAMILY_V6.rawValue)
    }
  }

  /// nil for any other family.
  init?(_ octets: aegis_address, family: UInt8) {
    switch UInt32(family) {
    case AEGIS_FAMILY_V4.rawValue: self.init(v4: octets)
    case AEGIS_FAMILY_V6.rawValue: self.init(v6: octets)
    default: return nil
    }
  }
}
