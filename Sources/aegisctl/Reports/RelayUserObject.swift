import Aegis

/// A user of the relay, as `dump users` shows it.
struct RelayUserObject: Encodable {
  let name: String
  let to: String
  /// The relay's port toward the destination.
  let ownPort: UInt16
  /// Absent without a limit.
  let rate: String?
  let burst: UInt32?
  /// RFC 3339; absent if never.
  let expires: String?
  let session: UInt32
  /// Where its newest packet came from; absent if there was none.
  let client: String?
  let heardSecondsAgo: Int64?
  let packets: UInt64
  let bytes: UInt64
  let packetsBack: UInt64
  let bytesBack: UInt64

  init(_ user: RelayUser, _ clock: ClockReading) {
    name = user.name.text
    to = "\(user.destination)"
    ownPort = user.ownPort
    rate = user.rate?.description
    burst = user.rate?.effectiveBurst
    expires = user.expires.map { "\(clock.wallTime(of: $0))" }
    session = user.session
    client = user.client.map { "\($0)" }
    heardSecondsAgo = user.heard.map {
      Int64(clamping: clock.boottime.saturatingLess($0)) / 1_000_000_000
    }
    packets = user.forth.packets
    bytes = user.forth.bytes
    packetsBack = user.back.packets
    bytesBack = user.back.bytes
  }
}

extension RelayUser {
  static let columns: [Table.Column] = [
    "user", "to", .right("port"), "rate", "left", "client", "heard", .right("packets"),
    .right("back"),
  ]

  func row(_ clock: ClockReading) -> [String] {
    [
      name.text, "\(destination)", "\(ownPort)", rate?.description ?? "off",
      expires.map { DurationText.format(.nanoseconds($0.saturatingLess(clock.boottime))) } ?? "-",
      client.map { "\($0)" } ?? "-",
      heard.map { "\(DurationText.format(.nanoseconds(clock.boottime.saturatingLess($0)))) ago" }
        ?? "-",
      "\(forth.packets)", "\(back.packets)",
    ]
  }
}

extension UInt64 {
  fileprivate func saturatingLess(_ other: UInt64) -> UInt64 { self > other ? self - other : 0 }
}
