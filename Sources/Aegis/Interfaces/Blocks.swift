internal import BPF
internal import CAegis
internal import Linux

/// The blocks of counters: the first are always there, the others only while a slot has them.
struct Blocks {
  private let datapath: Datapath

  init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  private static func isAlwaysThere(_ block: UInt32) -> Bool { block < AEGIS_BLOCKS }

  private func map(of block: UInt32) -> aegis_map {
    Self.isAlwaysThere(block) ? AEGIS_MAP_counters : AEGIS_MAP_more_counters
  }

  /// What each possible CPU has counted, by its number; nothing if the block was never given out.
  func values(_ block: UInt32) throws(AegisError) -> [aegis_counters] {
    let counters: PerCPUMap<aegis_counters> = try datapath.perCPU(AEGIS_MAP_counters)
    let values = try kernel { () throws(SystemError) in try counters.values(at: block) }
    if !values.isEmpty { return values }
    let more: PerCPUMap<aegis_counters> = try datapath.perCPU(AEGIS_MAP_more_counters)
    return try kernel { () throws(SystemError) in try more.values(at: block) }
  }

  /// What was counted under a layout before this one.
  func carried(_ block: UInt32) throws(AegisError) -> aegis_counters? {
    let carried: BPFMap<UInt32, aegis_counters> = try datapath.map(AEGIS_MAP_carried)
    return try kernel { () throws(SystemError) in try carried.value(forKey: block) }
  }

  /// Has it count from zero.
  func clear(_ block: UInt32) throws(AegisError) {
    let counters: PerCPUMap<aegis_counters> = try datapath.perCPU(map(of: block))
    try kernel { () throws(SystemError) in try counters.set(aegis_counters(), at: block) }
    try forget(block)
  }

  /// Gives back what it takes.
  func release(_ block: UInt32) throws(AegisError) {
    if block == AEGIS_BLOCK_OTHER { return }
    if Self.isAlwaysThere(block) { return try clear(block) }
    let counters: PerCPUMap<aegis_counters> = try datapath.perCPU(AEGIS_MAP_more_counters)
    try kernel { () throws(SystemError) in _ = try counters.remove(block) }
    try forget(block)
  }

  private func forget(_ block: UInt32) throws(AegisError) {
    let carried: BPFMap<UInt32, aegis_counters> = try datapath.map(AEGIS_MAP_carried)
    try kernel { () throws(SystemError) in _ = try carried.remove(block) }
  }
}
