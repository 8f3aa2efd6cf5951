internal import BPF
internal import CAegis
internal import Linux

/// The blocks of counters: the first ones always exist, the others only while a slot uses them.
struct Blocks {
  private let datapath: Datapath

  init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  private static func isAlwaysThere(_ block: UInt32) -> Bool { block < AEGIS_BLOCKS }

  private func map(of block: UInt32) -> aegis_map {
    Self.isAlwaysThere(block) ? AEGIS_MAP_counters : AEGIS_MAP_more_counters
  }

  /// The counts of each possible CPU, by its number; empty if the block was never assigned.
  func values(_ block: UInt32) throws(AegisError) -> [aegis_counters] {
    let counters: PerCPUMap<aegis_counters> = try datapath.perCPU(AEGIS_MAP_counters)
    let values = try kernel { () throws(SystemError) in try counters.values(at: block) }
    if !values.isEmpty { return values }
    let more: PerCPUMap<aegis_counters> = try datapath.perCPU(AEGIS_MAP_more_counters)
    return try kernel { () throws(SystemError) in try more.values(at: block) }
  }

  /// The counts of an earlier layout.
  func carried(_ block: UInt32) throws(AegisError) -> aegis_counters? {
    let carried: BPFMap<UInt32, aegis_counters> = try datapath.map(AEGIS_MAP_carried)
    return try kernel { () throws(SystemError) in try carried.value(forKey: block) }
  }

  /// Sets its counters to zero.
  func clear(_ block: UInt32) throws(AegisError) {
    let counters: PerCPUMap<aegis_counters> = try datapath.perCPU(map(of: block))
    try kernel { () throws(SystemError) in try counters.set(aegis_counters(), at: block) }
    try forget(block)
  }

  /// Frees its memory.
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
