internal import CAegis
internal import Linux

/// What a client needs to be a user of the relay until a time. It has a secret.
public struct RelayToken: Sendable {
  public let user: RelayName
  public let session: UInt32
  /// The hash of the user's name.
  public let userHash: UInt32
  /// The number of the master key.
  public let key: UInt8
  let secretKey: SipHash.Key
  /// Seconds since the Unix epoch.
  public let expires: UInt32
  /// Where the client sends to.
  public let listen: RelayEndpoint

  /// What the relay's header adds to a packet of a client, in bytes.
  public static let overhead = MemoryLayout<aegis_relay_header>.size

  /// 32 hexadecimal digits.
  public var secret: String { secretKey.hex }

  public var expiryTime: WallTime { WallTime(milliseconds: Int64(expires) * 1000) }

  /// The bytes of a packet's headers: IP, UDP and the relay's own.
  public var headers: Int {
    let ip =
      switch listen.address {
      case .v4: 20
      case .v6: 40
      }
    return ip + 8 + Self.overhead
  }
}

extension RelayStore {
  /// Makes a token for a user with the key for new tokens. It lasts no longer than the user.
  ///
  /// - Throws: `badInput` if there is no such user, and for a time that a token cannot have.
  public func token(for name: RelayName, ttl: Duration) throws(AegisError) -> RelayToken {
    let settings = try requiredSettings()
    guard let user = try RelayUsers(datapath).user(name) else {
      throw AegisError(
        .badInput, "the relay has no user \(name)",
        hint: "add it: aegisctl relay-user \(name) --to ADDRESS:PORT")
    }
    guard let key = settings.keys.first,
      let listen = settings.listen(like: user.destination.address)
    else {
      throw AegisError(.failed, "the relay has no key or no address for \(name)")
    }
    let clock = ClockReading.now()
    var end = Int128(clock.realtime) / 1_000_000_000 + Int128(ttl / .seconds(1))
    if let expires = user.expires {
      end = min(end, Int128(clock.nanoseconds(of: expires)) / 1_000_000_000)
    }
    guard let expires = UInt32(exactly: end) else {
      throw AegisError(.badInput, "--ttl: a token cannot last beyond the year 2105")
        .about(.init(field: "--ttl"))
    }
    let secret = key.secret(
      ofSession: user.session, expires: expires, user: name.hash)
    return RelayToken(
      user: name, session: user.session, userHash: name.hash, key: key.number, secretKey: secret,
      expires: expires, listen: listen)
  }
}

extension RelayToken {
  /// A UDP payload with the header of aegis-relay(7) in front, as a client sends it.
  ///
  /// - Parameter counter: µs since the Unix epoch; larger with every packet.
  /// - Precondition: the payload fits in a datagram.
  public func packet(_ payload: [UInt8], counter: UInt64) -> [UInt8] {
    let session = UInt64(session) | UInt64(expires) << 32
    let covered =
      [UInt8(AEGIS_RELAY_VERSION), key, 0, 0] + SipHash.bytes(session)
      + SipHash.bytes(UInt64(userHash)).prefix(4) + SipHash.bytes(counter)
    let length = UInt64(8 + Self.overhead + payload.count)
    let tag = SipHash.hash64(covered + SipHash.bytes(length).prefix(2), key: secretKey)
    return covered + SipHash.bytes(tag) + payload
  }
}

extension SipHash.Key {
  /// In the order of its bytes.
  fileprivate var hex: String {
    bytes.map { (byte: UInt8) in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }
}
