internal import BPF
internal import CAegis
internal import Linux

extension Datapath {
  /// The capacity of the maps in force.
  public func capacity() throws(AegisError) -> Capacity {
    try Capacity(of: directory, abi: origin.abi)
  }

  /// The kernel memory used by the maps, in bytes.
  public func memory() throws(AegisError) -> UInt64 {
    try Self.memory(of: root.current)
  }

  static func memory(of directory: String) throws(AegisError) -> UInt64 {
    try kernel { () throws(SystemError) in
      var sum: UInt64 = 0
      var meter = MemoryMeter()
      let own = aegis_map.all.filter(\.isOfOneDirection).map { PinRoot.outName + "/" + $0.name }
      for name in try FileSystem.list(directory).filter(PinRoot.isMap) + own {
        let path = directory + "/" + name
        if try FileSystem.exists(path) { sum += meter.bytes(of: try AnyBPFMap(pinnedAt: path)) }
      }
      // What maps of maps hold.
      let root = PinRoot(directory.parentDirectory ?? "/")
      let inner = Direction.allCases.flatMap { [root.drops($0), root.rules($0)] }
      for tables in [root.geo] + inner {
        for name in try FileSystem.listUnlinked(tables) where name != PinRoot.outName {
          sum += meter.bytes(of: try AnyBPFMap(pinnedAt: tables + "/" + name))
        }
      }
      return sum
    }
  }
}

extension Capacity {
  /// The capacity of the maps of a generation.
  init(of directory: String, abi: UInt32 = AEGIS_ABI_VERSION) throws(AegisError) {
    func room(_ map: aegis_map) throws(AegisError) -> UInt32 {
      try kernel { () throws(SystemError) in
        try AnyBPFMap(pinnedAt: map.pin(in: directory)).info().maxEntries
      }
    }
    let cells = try room(AEGIS_MAP_cells)
    try self.init(
      drops: Self.drops(of: directory, abi: abi), keys: room(AEGIS_MAP_key),
      sources: (abi < 4 ? cells : Self.lines(ofCells: cells)) * AEGIS_WAYS)
    // Earlier layouts had no relay.
    let users = AEGIS_MAP_relay_user
    if try kernel({ () throws(SystemError) in try FileSystem.exists(users.pin(in: directory)) }) {
      self.users = try room(users)
    }
  }

  private static func drops(of directory: String, abi: UInt32) throws(AegisError) -> UInt32 {
    try kernel { () throws(SystemError) in
      if abi < 6 {
        // It was for hosts, and for prefixes again.
        let map = try AnyBPFMap(pinnedAt: directory + "/" + AEGIS5_DROP_V4)
        return try min(2 * map.info().maxEntries, most)
      }
      return try Migration.meta(pinnedAt: AEGIS_MAP_meta.pin(in: directory))?.drops ?? 0
    }
  }
}
