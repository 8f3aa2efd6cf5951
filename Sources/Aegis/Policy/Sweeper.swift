internal import BPF
internal import CAegis

/// Removes expired entries. They stopped matching by themselves; this gives their room back.
enum Sweeper {
  /// Looks at every entry, but only once the earliest expiry has passed.
  static func sweepIfDue(_ datapath: Datapath) throws(AegisError) {
    var config = try Settings.read(datapath)
    let now = Clock.boottime()
    guard config.next_expiry != 0, config.next_expiry <= now else { return }
    let drops = DropList(datapath)
    let keys = KeyList(datapath)
    let next = try [sweep(drops, now), sweep(keys, now)].compactMap { $0 }.min()
    try drops.recount(&config)
    try keys.recount(&config)
    config.next_expiry = next ?? 0
    try Settings.write(config, to: datapath)
  }

  /// Returns the earliest expiry among what stays.
  private static func sweep<List: PolicyList>(
    _ policy: List, _ now: UInt64
  ) throws(AegisError) -> UInt64? {
    let all = try policy.list.all()
    let expired = all.filter { $0.entry.isExpired(at: now) }
    for (store, entries) in Dictionary(grouping: expired, by: \.store) {
      try policy.discard(entries.map(\.element), entries.map(\.entry), from: store)
    }
    return all.map(\.entry.expires).filter { $0 > now }.min()
  }
}
