/// What an IP packet carries.
struct Transport: Sendable {
  let number: UInt8
  var bytes: [UInt8]

  /// The port that all of them come from.
  static let sourcePort: UInt16 = 40000

  /// - Parameters:
  ///   - words: The header's length as it says; `options` are what it has.
  ///   - flags: SYN, unless told otherwise.
  static func tcp(
    _ port: UInt16 = 443, words: UInt8? = nil, options: Int = 0, payload: Int = 0,
    flags: UInt8 = 0x02
  ) -> Transport {
    let offset = words ?? UInt8(5 + options / 4)
    var bytes: [UInt8] = .big(sourcePort) + .big(port) + .zeros(8)
    bytes += [offset << 4, flags] + .zeros(6)
    return Transport(number: 6, bytes: bytes + .zeros(options + payload))
  }

  static func udp(_ port: UInt16 = 53, length: UInt16? = nil, payload: Int = 4) -> Transport {
    let bytes: [UInt8] = .big(sourcePort) + .big(port) + .big(length ?? UInt16(8 + payload))
    return Transport(number: 17, bytes: bytes + .zeros(2 + payload))
  }

  static func sctp(_ port: UInt16 = 3868, payload: Int = 4) -> Transport {
    Transport(
      number: 132, bytes: .big(sourcePort) + .big(port) + .zeros(8 + payload))
  }

  static func icmp(_ type: UInt8 = 8, _ code: UInt8 = 0, payload: Int = 0) -> Transport {
    Transport(number: 1, bytes: [type, code] + .zeros(6 + payload))
  }

  static func icmpv6(_ type: UInt8 = 128, _ code: UInt8 = 0, payload: Int = 16) -> Transport {
    Transport(number: 58, bytes: [type, code] + .zeros(6 + payload))
  }

  static func other(_ number: UInt8, size: Int = 8) -> Transport {
    Transport(number: number, bytes: .zeros(size))
  }

  /// With less of it than there should be.
  func truncated(to length: Int) -> Transport {
    Transport(number: number, bytes: Array(bytes.prefix(length)))
  }
}
