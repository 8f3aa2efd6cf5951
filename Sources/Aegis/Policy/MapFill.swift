internal import CAegis

/// How full one of the maps is that hold policy.
public struct MapFill: Sendable {
  /// By the name that it is pinned under.
  public let map: String
  public let used: Int
  public let capacity: UInt32

  /// Of all of them, without what has expired.
  public static func all(in datapath: Datapath) throws(AegisError) -> [MapFill] {
    try lists(DropList(datapath).list, KeyList(datapath).list) + others(datapath)
  }

  private static func lists(
    _ drops: EntryList<Prefix>, _ keys: EntryList<Policy.Key>
  ) throws(AegisError) -> [MapFill] {
    let used = try drops.liveCounts() + keys.liveCounts()
    var fills: [MapFill] = []
    for (index, map) in SavedPolicy.lists.enumerated() {
      let room =
        index < drops.storeCount
        ? try drops.room(index) : try keys.room(index - drops.storeCount)
      fills.append(MapFill(map: map.name, used: used[index], capacity: UInt32(room)))
    }
    return fills
  }

  private static func others(_ datapath: Datapath) throws(AegisError) -> [MapFill] {
    let rates = try RateTable(datapath).stored()
    let ports = rates.count { $0.selector.prefix == nil }
    let totals = rates.count { $0.selector.prefix != nil && $0.isTotal }
    let used = [
      AEGIS_MAP_notes: try Notes(datapath).all().count,
      AEGIS_MAP_key_rate: try KeyRates.all(datapath).count,
      AEGIS_MAP_rate_port: ports,
      AEGIS_MAP_rate_prefix: rates.count - ports - totals,
      AEGIS_MAP_total_prefix: totals,
    ]
    return aegis_map.all.filter { $0.isDeclared && !$0.isList && $0 != AEGIS_MAP_config }.map {
      MapFill(map: $0.name, used: used[$0] ?? 0, capacity: $0.row.entries)
    }
  }
}
