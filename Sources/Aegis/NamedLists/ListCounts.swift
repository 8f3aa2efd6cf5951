internal import BPF
internal import CAegis
internal import Linux

/// The packets that the entries of a list decided on, on all interfaces, since the list was defined.
public struct ListCounts: Sendable {
  public let name: ListName
  public var dropped = Count()
  /// Packets that would be dropped without monitoring.
  public var wouldDrop = Count()

  public init(_ name: ListName) {
    self.name = name
  }
}

/// What feeds did to a list.
public struct ListFeeds: Sendable {
  /// Times that a feed replaced or confirmed it, and times that one was refused.
  public let applied: UInt64
  public let refused: UInt64
  /// When a feed last replaced or confirmed it, in seconds since the Unix epoch; nil if none did.
  public let changed: UInt64?
}

extension ListTable {
  /// The counts of `manual` and then of all other lists by name; empty where there is no other list, for then nothing is
  /// counted.
  public func counts() throws(AegisError) -> [ListCounts] {
    if try !isUsed { return [] }
    let others = try names().filter { $0.value != .manual }.sorted { $0.value < $1.value }
    let rows = [(UInt16(AEGIS_LIST_MANUAL), ListName.manual)] + others.map { ($0.key, $0.value) }
    return try kernel { () throws(SystemError) in
      let map = try PerCPUMap<aegis_list_counters>(
        pinnedAt: datapath.pin(of: AEGIS_MAP_list_counters))
      return try rows.map { number, name throws(SystemError) in
        var counts = ListCounts(name)
        for cpu in try map.values(at: UInt32(number)) {
          counts.dropped += Count(cpu.dropped)
          counts.wouldDrop += Count(cpu.would_drop)
        }
        return counts
      }
    }
  }

  /// What feeds did to each list but `manual`.
  public func feeds() throws(AegisError) -> [ListName: ListFeeds] {
    try listRows().reduce(into: [:]) { feeds, row in
      guard let name = ListName(row) else { return }
      feeds[name] = ListFeeds(
        applied: row.applied, refused: row.refused, changed: row.changed == 0 ? nil : row.changed)
    }
  }
}
