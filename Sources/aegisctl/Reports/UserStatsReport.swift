import Aegis

/// What the users of the relay send and receive.
struct UserStatsReport: Report {
  struct Item: Encodable {
    let user: String
    let packets: UInt64
    let bytes: UInt64
    let packetsBack: UInt64
    let bytesBack: UInt64
    /// In both directions, in the last interval; absent for a single read.
    let packetsPerSecond: Double?
    let bytesPerSecond: Double?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "UserStats"
    let users: Int
    let items: [Item]
  }

  private let users: Int
  private let items: [Item]

  /// - Parameters:
  ///   - first: The users before; nil for a single read.
  ///   - seconds: Between the two.
  ///   - top: Only so many, of most packets; nil for all, in order of name.
  init(_ last: [RelayUser], since first: [RelayUser]?, seconds: Double, top: Int?) {
    users = last.count
    // Another session is another user.
    let before = first.map { users in
      users.reduce(into: [:]) { $0[$1.session] = $1 }
    }
    let all = last.map { user in
      let recent = before.map { user.total.since($0[user.session]?.total) }
      return (
        user: user, recent: recent, weight: (recent ?? user.total).packets
      )
    }
    let shown =
      top.map { most in Array(all.sorted { $0.weight > $1.weight }.prefix(most)) } ?? all
    items = shown.map { user, recent, _ in
      Item(
        user: user.name.text, packets: user.forth.packets, bytes: user.forth.bytes,
        packetsBack: user.back.packets, bytesBack: user.back.bytes,
        packetsPerSecond: recent.map { Double($0.packets) / seconds },
        bytesPerSecond: recent.map { Double($0.bytes) / seconds })
    }
  }

  var object: Object { Object(users: users, items: items) }

  var names: [String] { items.map(\.user) }

  func table(wide: Bool) -> Table {
    var columns: [Table.Column] = [
      "user", .right("packets"), .right("bytes"), .right("packets-back"), .right("bytes-back"),
    ]
    let hasRates = items.first?.packetsPerSecond != nil
    if hasRates { columns += [.right("packets/s"), .right("bytes/s")] }
    return Table(
      columns,
      rows: items.map { item in
        let rates = [item.packetsPerSecond, item.bytesPerSecond].compactMap { $0 }
        return [
          item.user, "\(item.packets)", "\(item.bytes)", "\(item.packetsBack)", "\(item.bytesBack)",
        ] + rates.map { "\(UInt64($0.rounded()))" }
      })
  }
}

extension RelayUser {
  /// In both directions.
  fileprivate var total: Counts {
    Counts(packets: forth.packets &+ back.packets, bytes: forth.bytes &+ back.bytes)
  }
}

extension RelayUser.Counts {
  fileprivate func since(_ other: RelayUser.Counts?) -> RelayUser.Counts {
    guard let other, other.packets <= packets, other.bytes <= bytes else { return self }
    return .init(packets: packets - other.packets, bytes: bytes - other.bytes)
  }
}
