internal import CAegis
internal import Linux

extension DropList {
  /// Makes the whole list what is wanted. No address that is on the list before and after is let through between.
  ///
  /// - Returns: What became of the wanted, then what was removed.
  /// - Throws: `failed` where the maps have no room, before anything is changed.
  public func replace(
    with wanted: Wanted<Prefix>, in session: borrowing Session
  ) throws(AegisError) -> [Change<Prefix>] {
    let leaving = try Departures(from: self, for: wanted.elements)
    if !session.isDryRun { try discard(leaving.first) }
    // Prefixes come first and go last: a host that goes may be in one that comes, and the other way round.
    var changes = try put(wanted.filter { !$0.isHost }, in: session)
    if !session.isDryRun { try discard(leaving.beforeHosts) }
    changes += try put(wanted.filter(\.isHost), in: session)
    if !session.isDryRun {
      try discard(leaving.last)
      try recountAll()
    }
    return changes + leaving.inForce.map { Change($0, .removed) }
  }

  private func discard(_ prefixes: [[Prefix]]) throws(AegisError) {
    for (store, some) in prefixes.enumerated() where !some.isEmpty {
      try list.remove(some, from: store)
    }
  }

  private func recountAll() throws(AegisError) {
    let before = try Settings.read(datapath)
    var config = before
    try recount(&config)
    if !isIdentical(config, before) { try Settings.write(config, to: datapath) }
  }
}

/// What goes when the list is replaced, by store: after everything has come, unless there is no room until then.
private struct Departures {
  /// Expired ones and, where it must be, prefixes that share no address with what comes.
  private(set) var first: [[Prefix]] = []
  /// Hosts, once the prefixes that come are there.
  private(set) var beforeHosts: [[Prefix]] = []
  private(set) var last: [[Prefix]] = []
  /// All that have not expired.
  private(set) var inForce: [Prefix] = []

  init(from drops: DropList, for wanted: [Prefix]) throws(AegisError) {
    let index = PrefixIndex(wanted)
    var counts = [Int](repeating: 0, count: drops.list.storeCount)
    for prefix in wanted { counts[DropList.home(of: prefix, protected: false)] += 1 }
    let now = Clock.boottime()
    for (store, count) in counts.enumerated() {
      let leaving = try drops.list.entries(in: store).filter { !index.contains($0.0) }
      let live = leaving.filter { !$0.1.isExpired(at: now) }.map(\.0)
      first.append(leaving.filter { $0.1.isExpired(at: now) }.map(\.0))
      beforeHosts.append([])
      last.append(live)
      inForce += live
      let room = try drops.list.room(store)
      if count + live.count > room { hasten(store, wanted: index) }
      try Self.check(count + last[store].count, room, drops.list.contents(store))
    }
  }

  private mutating func hasten(_ store: Int, wanted: PrefixIndex) {
    let live = last[store]
    if live.first?.isHost == true {
      (beforeHosts[store], last[store]) = (live, [])
    } else {
      first[store] += live.filter { !wanted.overlaps($0) }
      last[store] = live.filter(wanted.overlaps)
    }
  }

  private static func check(
    _ count: Int, _ room: Int, _ contents: String
  ) throws(AegisError) {
    guard count > room else { return }
    throw AegisError(
      .failed, "there is no room for more than \(room) \(contents), and this needs \(count)",
      hint: "aegisctl load --replace with a larger --max-drops")
  }
}
