internal import CAegis
internal import Linux

/// Removes expired entries. They already do not match; this frees their room.
enum Sweeper {
  /// A call that adds one entry must not often walk a million entries: sweeping takes at most one part in `share` of
  /// the time, unless a map is full.
  private static let share: UInt64 = 100

  static func sweepIfDue(_ datapath: Datapath) throws(AegisError) {
    let due = try Settings.read(datapath).next_expiry
    guard due != 0, due <= Clock.boottime() else { return }
    _ = try sweep(datapath)
  }

  /// Looks at every entry; returns whether any had expired.
  static func sweep(_ datapath: Datapath) throws(AegisError) -> Bool {
    guard try Settings.read(datapath).next_expiry != 0 else { return false }
    let start = Clock.boottime()
    let views = try datapath.profileViews
    let drops = DropList(datapath)
    let results =
      try [sweep(drops, start)]
      + views.map { view throws(AegisError) in try sweep(KeyList(view), start) }
    for view in views.dropFirst() {
      try Settings.change(view) { config throws(AegisError) in
        try KeyList(view).recount(&config)
      }
    }
    let datapath = views[0]
    var config = try Settings.read(datapath)
    try drops.recount(&config)
    try KeyList(datapath).recount(&config)
    let end = Clock.boottime()
    let next = results.compactMap(\.next).min()
    config.next_expiry = next.map { max($0, end + (end - start) * share) } ?? 0
    try Settings.write(config, to: datapath)
    return results.contains { $0.count > 0 }
  }

  private static func sweep<List: PolicyList>(
    _ policy: List, _ now: UInt64
  ) throws(AegisError) -> (count: Int, next: UInt64?) {
    var result: (count: Int, next: UInt64?) = (0, nil)
    for store in 0..<policy.list.storeCount {
      let swept = try policy.sweep(store, at: now)
      result.count += swept.count
      result.next = [result.next, swept.next].compactMap { $0 }.min()
    }
    return result
  }
}
