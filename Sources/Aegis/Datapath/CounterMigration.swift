internal import BPF
internal import CAegis
internal import Linux

/// Writes the counters of a generation of an earlier layout, plus what was carried to that generation, to `carried` of
/// another one. This can be repeated, with the counts of that time.
struct CounterMigration {
  /// The generation of the earlier layout.
  let source: String
  let directory: String

  init(from source: String, to directory: String) {
    self.source = source
    self.directory = directory
  }

  func run() throws(AegisError) {
    try kernel { () throws(SystemError) in
      let metaPin = AEGIS_MAP_meta.pin(in: source)
      // A generation whose build was interrupted counted nothing.
      guard try FileSystem.exists(metaPin),
        try FileSystem.exists(AEGIS_MAP_counters.pin(in: source)),
        let meta = try Migration.meta(pinnedAt: metaPin)
      else { return }
      switch Layout.relation(of: meta) {
      case .past:
        try meta.abi == 1 ? carry(aegis1_counters.self, meta) : carry(aegis4_counters.self, meta)
      case .older: try carryBlocks()
      case .same, .newer, .foreign: return
      }
    }
  }

  private func carried() throws(SystemError) -> BPFMap<UInt32, aegis_counters> {
    try BPFMap(pinnedAt: AEGIS_MAP_carried.pin(in: directory))
  }

  /// Carries the counters of a layout that stored them by slot.
  private func carry<Past: PastCounters & BitwiseCopyable>(
    _: Past.Type, _ meta: aegis_meta
  ) throws(SystemError) {
    let counters = try PerCPUMap<Past>(pinnedAt: AEGIS_MAP_counters.pin(in: source))
    let interfaces = try BPFMap<UInt32, aegis_interface>(
      pinnedAt: AEGIS_MAP_interfaces.pin(in: directory))
    let new = try carried()
    for slot in 0...AEGIS_SLOTS {
      let interface = try interfaces.value(forKey: slot)
      if slot < AEGIS_SLOTS, interface?.ifindex ?? 0 == 0 { continue }
      var sum = aegis_counters()
      for one in try counters.values(at: slot) { one.add(to: &sum) }
      if meta.abi > 1 {
        let before = try BPFMap<UInt32, Past>(pinnedAt: AEGIS_MAP_carried.pin(in: source))
        if let one = try before.value(forKey: slot) { one.add(to: &sum) }
      }
      try new.update(sum, forKey: interface?.block ?? AEGIS_BLOCK_OTHER)
    }
  }

  /// Carries the counters of this ABI, which are stored in the same blocks.
  private func carryBlocks() throws(SystemError) {
    if try AEGIS_MAP_counters.isShared(by: source, directory) { return }
    let new = try carried()
    let before = try BPFMap<UInt32, aegis_counters>(pinnedAt: AEGIS_MAP_carried.pin(in: source))
    let counters = try PerCPUMap<aegis_counters>(pinnedAt: AEGIS_MAP_counters.pin(in: source))
    let more = try PerCPUMap<aegis_counters>(pinnedAt: AEGIS_MAP_more_counters.pin(in: source))
    for block in 0...AEGIS_DIRECTIONS.rawValue * AEGIS_SLOTS {
      var sum = aegis_counters()
      let values = try counters.values(at: block) + more.values(at: block)
      if values.isEmpty { continue }
      for one in values { one.add(to: &sum) }
      try before.value(forKey: block)?.add(to: &sum)
      try new.update(sum, forKey: block)
    }
  }
}

/// Counters in the form of an earlier layout.
private protocol PastCounters {
  func add(to sum: inout aegis_counters)
}

/// The current place of a reason that an earlier layout counted at `number`.
private func place(_ number: Int, firstDrop: UInt32) -> Int {
  number < firstDrop ? number : number - Int(firstDrop) + Int(AEGIS_DROP_HOST.rawValue)
}

extension aegis1_counters: PastCounters {
  fileprivate func add(to sum: inout aegis_counters) {
    accumulate(reason, into: &sum.reason) { place($0, firstDrop: AEGIS1_PASS_REASONS) }
    sum.shared += shared
    sum.contended += contended
  }
}

extension aegis4_counters: PastCounters {
  fileprivate func add(to sum: inout aegis_counters) {
    accumulate(reason, into: &sum.reason) { place($0, firstDrop: AEGIS4_FIRST_DROP) }
    accumulate(would_drop, into: &sum.would_drop) { $0 + Int(AEGIS_DROP_HOST.rawValue) }
    sum.shared += shared
    sum.contended += contended
  }
}

extension aegis_counters: PastCounters {
  fileprivate func add(to sum: inout aegis_counters) {
    accumulate(reason, into: &sum.reason) { $0 }
    accumulate(would_drop, into: &sum.would_drop) { $0 }
    sum.shared += shared
    sum.contended += contended
    sum.lost += lost
    sum.silenced += silenced
  }
}

/// Adds each counter of one C array to the counter at its place in another.
private func accumulate<From, To>(_ from: From, into sums: inout To, at place: (Int) -> Int) {
  withUnsafeBytes(of: from) { old in
    withUnsafeMutableBytes(of: &sums) { new in
      let new = new.bindMemory(to: aegis_counter.self)
      for (index, counter) in old.bindMemory(to: aegis_counter.self).enumerated()
      where counter.packets > 0 {
        new[place(index)].packets += counter.packets
        new[place(index)].bytes += counter.bytes
      }
    }
  }
}
