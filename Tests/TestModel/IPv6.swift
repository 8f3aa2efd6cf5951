import Aegis

/// An IPv6 packet; what is nil is told as it is.
struct IPv6: Sendable {
  var source: IPAddress
  var payload: [UInt8]
  var protocolNumber: UInt8
  var extensions: [ExtensionHeader] = []
  var version: UInt8 = 6
  var payloadLength: UInt16?
  var hopLimit: UInt8 = 64

  init(
    _ transport: Transport, from source: IPAddress = "2001:db8::1",
    _ change: (inout IPv6) -> Void = { _ in }
  ) {
    self.source = source
    payload = transport.bytes
    protocolNumber = transport.number
    change(&self)
  }

  var bytes: [UInt8] {
    guard case .v6(let address) = source else { preconditionFailure("an IPv4 source") }
    var body = payload
    var next = protocolNumber
    for header in extensions.reversed() {
      body = header.bytes(next: next) + body
      next = header.number
    }
    var bytes: [UInt8] = [version << 4, 0, 0, 0]
    bytes += .big(payloadLength ?? UInt16(body.count)) + [next, hopLimit]
    bytes += .big(address) + [0x20, 0x01, 0x0d, 0xb8] + .zeros(11) + [0xff]
    return bytes + body
  }
}

/// An IPv6 extension header.
struct ExtensionHeader: Sendable {
  let number: UInt8
  /// All but its first byte, which tells the next header.
  var rest: [UInt8]

  static let numbers: [UInt8] = [0, 43, 44, 51, 60]

  func bytes(next: UInt8) -> [UInt8] { [next] + rest }

  /// - Parameters:
  ///   - length: What it says, in units of 8 bytes beyond the first.
  ///   - size: What it has, in bytes.
  private static func options(_ number: UInt8, _ length: UInt8, _ size: Int?) -> Self {
    Self(number: number, rest: [length] + .zeros((size ?? (Int(length) + 1) * 8) - 2))
  }

  static func hopByHop(_ length: UInt8 = 0, size: Int? = nil) -> Self { options(0, length, size) }
  static func routing(_ length: UInt8 = 0, size: Int? = nil) -> Self { options(43, length, size) }
  static func destination(_ length: UInt8 = 0, size: Int? = nil) -> Self {
    options(60, length, size)
  }

  /// - Parameter length: What it says, in units of 4 bytes beyond the first two.
  static func authentication(_ length: UInt8 = 4, size: Int? = nil) -> Self {
    Self(number: 51, rest: [length] + .zeros((size ?? (Int(length) + 2) * 4) - 2))
  }

  /// - Parameter offset: In units of 8 bytes.
  static func fragment(_ offset: UInt16, more: Bool, reserved: UInt8 = 0) -> Self {
    Self(number: 44, rest: [reserved] + .big(offset << 3 | (more ? 1 : 0)) + [0, 0, 0, 7])
  }
}
