internal import CAegis

/// How full one of the policy maps is, or the drop list of a family.
public struct MapFill: Sendable {
  /// The name of its pin; `drop_v4` or `drop_v6`.
  public let map: String
  public let used: Int
  public let capacity: UInt32

  /// The fill of all of them, without expired entries; for what leaves, of those that both directions do not share.
  public static func all(in datapath: Datapath) throws(AegisError) -> [MapFill] {
    let capacity = try datapath.capacity()
    var used = try others(datapath)
    for (map, count) in zip(KeyList.maps, try KeyList(datapath).liveCounts()) { used[map] = count }
    let maps = KeyList.maps + aegis_map.all.filter { $0.isDeclared && !$0.isOfKeys }
    let shown = maps.filter {
      ![AEGIS_MAP_config, AEGIS_MAP_country_class].contains($0)
        && $0.row.role != AEGIS_ROLE_DROPS
        && (datapath.direction == .in || $0.isOfOneDirection)
    }
    let drops = zip(["drop_v4", "drop_v6"], try DropList(datapath).liveCounts()).map {
      MapFill(map: $0, used: $1, capacity: capacity.drops)
    }
    return drops
      + shown.map {
        MapFill(map: $0.name, used: used[$0] ?? 0, capacity: capacity.entries(of: $0))
      }
  }

  private static func others(_ datapath: Datapath) throws(AegisError) -> [aegis_map: Int] {
    let config = try Settings.read(datapath)
    let rates = config.rate_shapes == 0 ? [] : try RateTable(datapath).stored()
    let classes = rates.count { $0.selector.className != nil }
    let ports = rates.count { $0.selector.prefix == nil } - classes
    let totals = rates.count { $0.selector.prefix != nil && $0.isTotal }
    let defined = try ClassTable(datapath).definitions()
    return [
      AEGIS_MAP_notes: try Notes(datapath).count(),
      AEGIS_MAP_key_rate: config.key_shapes == 0 ? 0 : try KeyRates(datapath).count(),
      AEGIS_MAP_rate_port: ports,
      AEGIS_MAP_rate_prefix: rates.count - ports - classes - totals,
      AEGIS_MAP_total_prefix: totals,
      AEGIS_MAP_rate_class: classes,
      AEGIS_MAP_classes: defined.count,
      AEGIS_MAP_profiles: try ProfileTable(datapath).all().count,
      AEGIS_MAP_class_prefix: defined.values.reduce(0) { $0 + $1.prefixes.count },
    ]
  }
}
