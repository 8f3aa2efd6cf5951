import Aegis
import CAegis
import Foundation
import TestSupport
import Testing

/// A relay between two namespaces: clients on the left, destinations on the right.
final class RelayLive: AegisRunner {
  static let port: UInt16 = 4500
  static let destinationPort: UInt16 = 7777

  let network: RoutedNetwork
  let aegis = Aegisctl()
  /// A datapath that passes everything, at both ends: a veth delivers what XDP sends back only to XDP.
  private let ends = [Aegisctl(), Aegisctl()]

  /// With a user called "v4" and one called "v6", each with a destination at the right end.
  init(users: [String] = []) throws {
    network = try RoutedNetwork()
    for (tool, side) in zip(ends, [network.left, network.right]) {
      for words in [["load", "--max-drops", "64"], ["attach", side.interface]] {
        let outcome = try tool.run(words, namespace: side.namespace)
        try #require(outcome.status == 0, "\(outcome)")
      }
    }
    for version in [4, 6] {
      try network.run(
        in: network.router, ["sysctl", "-qw", "net.ipv\(version).conf.all.forwarding=1"])
    }
    for side in [network.left, network.right] {
      for address in [side.v4, side.v6] {
        try network.run(in: network.router, ["ping", "-c", "1", "-W", "2", address])
      }
    }
    try ok(["load", "--max-drops", "64", "--max-users", "128"])
    try ok(["attach"] + network.ports + ["--mode", "native"])
    try write(keys: ["1 " + Self.secret])
    try set()
    try ok(["relay-user", "v4", "--to", "\(network.right.v4):\(Self.destinationPort)"])
    try ok(["relay-user", "v6", "--to", "[\(network.right.v6)]:\(Self.destinationPort)"])
  }

  deinit {
    aegis.cleanUp()
    for end in ends { end.cleanUp() }
    try? FileManager.default.removeItem(atPath: keyFile)
  }

  static let secret = "000102030405060708090a0b0c0d0e0f"

  let keyFile = "/dev/shm/aegis-test-\(RandomName.hex(12))"

  func write(keys: [String]) throws {
    _ = FileManager.default.createFile(
      atPath: keyFile, contents: Data(keys.map { $0 + "\n" }.joined().utf8),
      attributes: [.posixPermissions: 0o600])
  }

  /// Until next hops are looked up again.
  static func waitForHops() { Thread.sleep(forTimeInterval: 1.1) }

  @discardableResult
  func set() throws -> JSON {
    try ok([
      "set-relay", "--listen", "\(network.left.routerV4):\(Self.port)",
      "--listen", "[\(network.left.routerV6)]:\(Self.port)", "--port-range", "20000-20099",
      "--key-file", keyFile,
    ])
  }

  @discardableResult
  func run(_ arguments: [String], input: String? = nil) throws -> Outcome {
    let force = ["set-default", "drop-ip"].contains(arguments.first) ? ["--force"] : []
    return try aegis.run(arguments + force, input: input, namespace: network.router)
  }

  /// Packets by reason, of both interfaces.
  func counts() throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for item in try ok(["stats"])["items"].array {
      for row in item["reasons"].array {
        counts[row["reason"].string ?? "", default: 0] += row["packets"].int ?? 0
      }
    }
    return counts.filter { $0.value > 0 }
  }

  /// What has been counted while something was done, of the reasons of the relay.
  func counting(_ body: () throws -> Void) throws -> [String: Int] {
    let before = try counts()
    try body()
    return try difference(since: before)
  }

  private func difference(since before: [String: Int]) throws -> [String: Int] {
    try counts().merging(before) { $0 - $1 }
      .filter { $0.value != 0 && ($0.key.contains("relay") || $0.key == "drop.too-big") }
  }

  /// What a packet of the client is counted as that does not arrive.
  func refusal(
    of packet: [UInt8], by path: Path, at location: SourceLocation = #_sourceLocation
  ) throws -> [String: Int] {
    let before = try counts()
    let hasArrived = try path.arrives(packet)
    #expect(!hasArrived, sourceLocation: location)
    return try difference(since: before)
  }

  /// One family of addresses, with sockets of a client and of its destination.
  struct Path: Sendable {
    let client: DatagramSocket
    let destination: DatagramSocket
    let clientAddress: String
    let destinationAddress: String
    /// Where the client sends to, and where packets to the destination come from.
    let relay: String
    var token: RelayToken
    /// Where packets to the destination come from: an index that nobody has had has a port of its own.
    var ownPort: UInt16 { 20_000 + UInt16(token.session & (1 << AEGIS_RELAY_INDEX_BITS - 1)) }

    func send(_ bytes: [UInt8], from socket: DatagramSocket? = nil) throws {
      try (socket ?? client).send(bytes, to: relay, port: RelayLive.port)
    }

    /// Whether a payload that the client sends comes to the destination, and what its first bytes are.
    func arrives(_ packet: [UInt8], from socket: DatagramSocket? = nil) throws -> Bool {
      try send(packet, from: socket)
      return try destination.receive() != nil
    }
  }

  func path(_ user: String, port: UInt16 = destinationPort) throws -> Path {
    let isV4 = !user.hasPrefix("v6")
    let (left, right) = (network.left, network.right)
    let (from, to) = isV4 ? (left.v4, right.v4) : (left.v6, right.v6)
    return Path(
      client: try network.socket(in: left.namespace, bound: from, port: 40_000),
      destination: try network.socket(in: right.namespace, bound: to, port: port),
      clientAddress: from, destinationAddress: to,
      relay: isV4 ? left.routerV4 : left.routerV6,
      token: RelayToken(try ok(["relay-token", user])))
  }
}

/// What a client makes its packets with.
final class RelayToken: Sendable {
  let session: UInt32
  let key: UInt8
  let secret: [UInt8]
  let expires: UInt32
  /// Of the user's name.
  let user: UInt32
  let counter = RelayCounter()

  init(_ object: JSON) {
    session = UInt32(object["session"].int ?? 0)
    key = UInt8(object["key"].int ?? 0)
    secret = Self.bytes(object["secret"].string ?? "")
    expires = UInt32(object["expiresUnix"].int ?? 0)
    user = UInt32(object["userHash"].int ?? 0)
  }

  /// A token of the same user that somebody makes who knows the master key.
  init(
    like other: RelayToken, session: UInt32? = nil, key: UInt8 = 1, expires: UInt32,
    user: UInt32? = nil
  ) {
    self.session = session ?? other.session
    self.user = user ?? other.user
    (self.key, self.expires) = (key, expires)
    let message = Self.little(self.session) + Self.little(expires) + Self.little(self.user)
    secret = SipHash.hash128(message, key: .init(Self.bytes(RelayLive.secret))).bytes
  }

  struct Change {
    var version: UInt8 = 1
    var flags: UInt16 = 0
    var user: UInt32?
    var counter: UInt64?
    var tag: [UInt8]?
  }

  /// The header and the payload.
  func packet(_ payload: [UInt8], _ change: Change = Change()) -> [UInt8] {
    let head =
      [change.version, key] + Self.little(change.flags) + Self.little(session)
      + Self.little(expires) + Self.little(change.user ?? user)
      + Self.little(change.counter ?? counter.next())
    let length = UInt16(8 + 32 + payload.count)
    let tag = SipHash.hash64(head + Self.little(length), key: .init(secret))
    return head + (change.tag ?? Self.little(tag)) + payload
  }

  static func little(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }
}

/// The counter of a client: larger with every packet, and no more than 100 ms behind the clock.
final class RelayCounter: @unchecked Sendable {
  private let lock = NSLock()
  private var last: UInt64 = 0

  func next() -> UInt64 {
    lock.withLock {
      let now = UInt64(Date().timeIntervalSince1970 * 1e6)
      last = now > last + 100_000 ? now : last + 1
      return last
    }
  }

  /// Counters up to this one are used.
  func skip(to counter: UInt64) { lock.withLock { last = max(last, counter) } }
}
