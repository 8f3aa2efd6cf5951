internal import CAegis
internal import Linux

/// What an operator says of a user.
public struct RelayUserRequest: Hashable, Sendable {
  public let name: RelayName
  public let destination: RelayEndpoint
  /// ns of CLOCK_BOOTTIME; nil for never.
  public let expires: UInt64?
  let rate: RelayRate

  /// - Parameter rate: nil for no limit.
  public init(
    _ name: RelayName, to destination: RelayEndpoint, rate: Rate?, expires: UInt64?
  ) throws(InputError) {
    self.name = name
    self.destination = destination
    self.expires = expires
    self.rate = try RelayRate(rate)
  }

  /// 10000 packets a second.
  public static var defaultRate: Rate? { try? Rate(packets: 10_000, period: .second) }

  /// Reads a rate such as `500/s`; nil for `off`.
  public static func rate(_ text: String, burst: String? = nil) throws(InputError) -> Rate? {
    if text != "off" { return try Rate(text, writtenBurst: burst) }
    if let burst { throw InputError(burst, "needs a rate") }
    return nil
  }

  /// `198.51.100.7:51820, rate 10k/s burst 1000, for 59m`
  public var terms: String { RelayUser.terms("\(destination)", rate.rate, expires) }
}

/// A user of the relay, as it is in force.
public struct RelayUser: Sendable {
  /// Packets, and bytes from IP on that the relay sent for them.
  public struct Counts: Sendable, Hashable {
    public var packets: UInt64
    public var bytes: UInt64

    public init(packets: UInt64, bytes: UInt64) {
      self.packets = packets
      self.bytes = bytes
    }
  }

  public let name: RelayName
  public let destination: RelayEndpoint
  /// The port of the relay towards the destination.
  public let ownPort: UInt16
  /// nil for no limit.
  public let rate: Rate?
  /// ns of CLOCK_BOOTTIME; nil for never.
  public let expires: UInt64?
  /// The number that its tokens have.
  public let session: UInt32
  /// Where the newest packet of the client came from; nil if there was none.
  public let client: RelayEndpoint?
  /// ns of CLOCK_BOOTTIME of that packet.
  public let heard: UInt64?
  /// To the destination.
  public let forth: Counts
  /// To the client.
  public let back: Counts

  /// `198.51.100.7:51820, rate 10k/s burst 1000, for 59m`
  public var terms: String { Self.terms("\(destination)", rate, expires) }

  fileprivate static func terms(
    _ destination: String, _ rate: Rate?, _ expires: UInt64?
  ) -> String {
    let words = Policy.Conditions(expires: expires, rate: rate).words
    return ([destination] + (rate == nil ? ["rate off"] : []) + words).joined(separator: ", ")
  }

  /// nil if there is none at the index.
  init?(_ name: RelayName, at index: Int, _ user: aegis_relay_user) {
    guard let address = user.address else { return nil }
    self.name = name
    destination = RelayEndpoint(address, port: UInt16(bigEndian: user.port))
    ownPort = UInt16(bigEndian: user.own_port)
    rate = RelayRate(interval: user.interval, depth: user.depth).rate
    expires = user.expires == 0 ? nil : user.expires
    session = user.session(at: index)
    let from = IPAddress(user.client, family: user.family)
    client = from.flatMap { address in
      user.client_port == 0
        ? nil : RelayEndpoint(address, port: UInt16(bigEndian: user.client_port))
    }
    heard = user.heard == 0 ? nil : user.heard
    forth = Counts(
      packets: user.packets &- user.before.0, bytes: user.bytes &- user.before.1)
    back = Counts(
      packets: user.packets_back &- user.before.2, bytes: user.bytes_back &- user.before.3)
  }
}

extension aegis_relay_user {
  /// nil if there is no such user.
  var address: IPAddress? { IPAddress(destination, family: family) }

  var isUsed: Bool { family != 0 }

  /// A user that comes after another in the same place begins to count at zero; the counters do not.
  mutating func continueCounters(of other: aegis_relay_user) {
    (packets, bytes) = (other.packets, other.bytes)
    (packets_back, bytes_back) = (other.packets_back, other.bytes_back)
    before = (packets, bytes, packets_back, bytes_back)
  }

  /// Sets the counters to zero, and leaves what the user has counted.
  mutating func restartCounters() {
    before = (
      before.0 &- packets, before.1 &- bytes, before.2 &- packets_back, before.3 &- bytes_back
    )
    (packets, bytes, packets_back, bytes_back) = (0, 0, 0, 0)
  }

  /// The key by which packets from its destination find it.
  var backKey: RelayBack {
    RelayBack(
      destination: RelayEndpoint(
        address ?? .v4(0), port: UInt16(bigEndian: port)), ownPort: UInt16(bigEndian: own_port))
  }

  func session(at index: Int) -> UInt32 {
    UInt32(generation) << AEGIS_RELAY_INDEX_BITS | UInt32(index)
  }
}

/// A key of `relay_back`.
struct RelayBack: Hashable {
  let destination: RelayEndpoint
  let ownPort: UInt16

  init(destination: RelayEndpoint, ownPort: UInt16) {
    self.destination = destination
    self.ownPort = ownPort
  }

  /// nil for one that no user has.
  init?(_ key: aegis_relay_back) {
    guard let address = IPAddress(key.destination, family: key.family) else { return nil }
    self.init(
      destination: RelayEndpoint(address, port: UInt16(bigEndian: key.port)),
      ownPort: UInt16(bigEndian: key.own_port))
  }

  var key: aegis_relay_back {
    var key = aegis_relay_back()
    key.destination = destination.address.octets
    key.port = destination.port.bigEndian
    key.own_port = ownPort.bigEndian
    key.family = destination.address.family
    return key
  }
}
