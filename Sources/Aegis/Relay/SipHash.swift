/// SipHash-2-4 of Aumasson and Bernstein: the hash of the relay's tokens and packets.
public enum SipHash {
  /// 16 bytes, as two little-endian numbers.
  public struct Key: Hashable, Sendable {
    let low: UInt64
    let high: UInt64

    init(low: UInt64, high: UInt64) {
      self.low = low
      self.high = high
    }

    /// - Precondition: there are 16 bytes.
    public init(_ bytes: [UInt8]) {
      precondition(bytes.count == 16)
      low = SipHash.number(bytes[0..<8])
      high = SipHash.number(bytes[8..<16])
    }

    public var bytes: [UInt8] { SipHash.bytes(low) + SipHash.bytes(high) }
  }

  /// The result of 64 bits.
  public static func hash64(_ message: [UInt8], key: Key) -> UInt64 {
    var state = State(key)
    state.absorb(message)
    state.v2 ^= 0xff
    for _ in 0..<4 { state.round() }
    return state.sum
  }

  /// The result of 128 bits, in the order of its bytes.
  public static func hash128(_ message: [UInt8], key: Key) -> Key {
    var state = State(key)
    state.v1 ^= 0xee
    state.absorb(message)
    state.v2 ^= 0xee
    for _ in 0..<4 { state.round() }
    let low = state.sum
    state.v1 ^= 0xdd
    for _ in 0..<4 { state.round() }
    return Key(low: low, high: state.sum)
  }

  /// Little endian.
  static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  static func bytes(_ number: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
  }
}

extension SipHash {
  private struct State {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    init(_ key: Key) {
      v0 = 0x736f_6d65_7073_6575 ^ key.low
      v1 = 0x646f_7261_6e64_6f6d ^ key.high
      v2 = 0x6c79_6765_6e65_7261 ^ key.low
      v3 = 0x7465_6462_7974_6573 ^ key.high
    }

    var sum: UInt64 { v0 ^ v1 ^ v2 ^ v3 }

    mutating func absorb(_ message: [UInt8]) {
      let whole = message.count / 8 * 8
      for start in stride(from: 0, to: whole, by: 8) {
        absorb(SipHash.number(message[start..<start + 8]))
      }
      let length = UInt64(message.count & 0xff) << 56
      absorb(SipHash.number(message[whole...]) | length)
    }

    private mutating func absorb(_ word: UInt64) {
      v3 ^= word
      round()
      round()
      v0 ^= word
    }

    mutating func round() {
      v0 &+= v1
      v1 = Self.rotate(v1, 13) ^ v0
      v0 = Self.rotate(v0, 32)
      v2 &+= v3
      v3 = Self.rotate(v3, 16) ^ v2
      v0 &+= v3
      v3 = Self.rotate(v3, 21) ^ v0
      v2 &+= v1
      v1 = Self.rotate(v1, 17) ^ v2
      v2 = Self.rotate(v2, 32)
    }

    private static func rotate(_ word: UInt64, _ bits: UInt64) -> UInt64 {
      word << bits | word >> (64 - bits)
    }
  }
}
