import Aegis

/// An IPv4 packet; what is nil is told as it is.
struct IPv4: Sendable {
  var source: IPAddress
  var payload: [UInt8]
  var protocolNumber: UInt8
  var options: [UInt8] = []
  var version: UInt8 = 4
  /// The header's length in words.
  var words: UInt8?
  var totalLength: UInt16?
  /// In units of 8 bytes.
  var fragmentOffset: UInt16 = 0
  var hasMoreFragments = false
  var mayBeFragmented = true
  var timeToLive: UInt8 = 64

  init(
    _ transport: Transport, from source: IPAddress = "192.0.2.1",
    _ change: (inout IPv4) -> Void = { _ in }
  ) {
    self.source = source
    payload = transport.bytes
    protocolNumber = transport.number
    change(&self)
  }

  var bytes: [UInt8] {
    guard case .v4(let address) = source else { preconditionFailure("an IPv6 source") }
    let header = 20 + options.count
    let flags: UInt16 = (mayBeFragmented ? 0 : 0x4000) | (hasMoreFragments ? 0x2000 : 0)
    let total = totalLength ?? UInt16(header + payload.count)
    var bytes: [UInt8] = [version << 4 | (words ?? UInt8(header / 4)), 0]
    bytes += .big(total) + .big(UInt16(0x1234)) + .big(flags | fragmentOffset)
    bytes += [timeToLive, protocolNumber, 0, 0]
    bytes += .big(address) + [198, 51, 100, 1]
    return bytes + options + payload
  }
}
