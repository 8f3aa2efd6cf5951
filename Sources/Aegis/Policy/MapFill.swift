internal import BPF
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
    _ drops: EntryList<Prefix>, _ keys: EntryList<AllowKey>
  ) throws(AegisError) -> [MapFill] {
    let used = try drops.liveCounts() + keys.liveCounts()
    var fills: [MapFill] = []
    for (index, map) in SavedPolicy.lists.enumerated() {
      let room =
        index < drops.storeCount
        ? try drops.room(index) : try keys.room(index - drops.storeCount)
      fills.append(MapFill(map: map, used: used[index], capacity: UInt32(room)))
    }
    return fills
  }

  private static func others(_ datapath: Datapath) throws(AegisError) -> [MapFill] {
    let rates = try RateTable(datapath).stored()
    let ports = rates.count { $0.selector.prefix == nil }
    let totals = rates.count { $0.selector.prefix != nil && $0.isTotal }
    return [
      MapFill(map: AEGIS_MAP_NOTES, used: try Notes(datapath).all().count, capacity: AEGIS_NOTES),
      MapFill(
        map: AEGIS_MAP_KEY_RATE, used: try KeyRates.all(datapath).count,
        capacity: AEGIS_KEY_RATES),
      MapFill(map: AEGIS_MAP_RATE_PORT, used: ports, capacity: AEGIS_RATE_PORTS),
      MapFill(
        map: AEGIS_MAP_RATE_PREFIX, used: rates.count - ports - totals,
        capacity: AEGIS_RATE_PREFIXES),
      MapFill(map: AEGIS_MAP_TOTAL_PREFIX, used: totals, capacity: AEGIS_RATE_PREFIXES),
    ]
  }
}
