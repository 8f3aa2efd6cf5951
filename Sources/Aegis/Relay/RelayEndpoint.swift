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
    let text = Substring(String(text))
    let (host, port) = try Self.parts(of: text)
    guard let number = UInt64(digits: port).flatMap({ UInt16(exactly: $0) }), number > 0 else {
      throw InputError(text, "has no port from 1 to 65535", hint: Self.form)
    }
    self.init(try Self.address(host, of: text), port: number)
    try checkForm(text)
    if let kind = address.kindOfNoHost {
      throw InputError(text, "has \(kind), not that of one host")
    }
  }

  private static let form = "write it as 192.0.2.1:4500 or [2001:db8::1]:4500"

  static func parts(
    of text: Substring
  ) throws(InputError) -> (host: Substring, port: Substring) {
    if text.utf8.first == UInt8(ascii: "[") {
      let (host, rest) = text.afterFirstByte.split(at: "]")
      guard let rest, rest.utf8.first == UInt8(ascii: ":") else {
        throw InputError(text, "has no port", hint: form)
      }
      return (host, rest.afterFirstByte)
    }
    let (host, port) = text.split(at: ":")
    guard let port else { throw InputError(text, "has no port", hint: form) }
    if port.utf8.contains(UInt8(ascii: ":")) {
      throw InputError(text, "is not an address and a port", hint: form)
    }
    return (host, port)
  }

  static func address(
    _ host: Substring, of text: Substring
  ) throws(InputError) -> IPAddress {
    do throws(InputError) {
      return try IPAddress.literal(host)
    } catch {
      throw InputError(text, error.problem, hint: error.hint ?? form)
    }
  }

  /// Whether the text names its own address as others would.
  func checkForm(_ text: Substring) throws(InputError) {
    if address.unmapped != address {
      throw InputError(
        text, "is an IPv4-mapped address", hint: "write \(address.unmapped):\(port)")
    }
    if case .v4 = address, text.utf8.first == UInt8(ascii: "[") {
      throw InputError(text, "has an IPv4 address in brackets", hint: "write \(self)")
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
