internal import CAegis

/// A master key of the relay. Its description does not contain the secret.
public struct RelayKey: Hashable, Sendable, CustomStringConvertible {
  public let number: UInt8
  let secret: SipHash.Key

  init(number: UInt8, secret: SipHash.Key) {
    self.number = number
    self.secret = secret
  }

  public var description: String { "key \(number)" }

  /// The secret of a session of a user.
  func secret(ofSession session: UInt32, expires: UInt32, user: UInt32) -> SipHash.Key {
    let message = SipHash.bytes(UInt64(session) | UInt64(expires) << 32)
    return SipHash.hash128(message + SipHash.bytes(UInt64(user)).prefix(4), key: secret)
  }
}

extension RelayKey: CustomReflectable {
  public var customMirror: Mirror { Mirror(self, children: ["number": number]) }
}

extension aegis_relay_key {
  init(_ key: SipHash.Key) {
    self.init(half: (key.low.littleEndian, key.high.littleEndian))
  }

  var secret: SipHash.Key {
    SipHash.Key(low: UInt64(littleEndian: half.0), high: UInt64(littleEndian: half.1))
  }
}
