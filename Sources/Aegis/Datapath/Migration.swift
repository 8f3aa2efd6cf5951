internal import BPF
internal import CAegis
internal import Glibc

/// The layouts that `load --replace` can take over from, each by a step to the one after it. Their shapes are in
/// `bpf/past`.
enum Migration {
  /// Whether there is a step from what a `meta` tells of.
  static func isKnown(_ meta: aegis_meta) -> Bool {
    [1: AEGIS1_LAYOUT, 2: AEGIS2_LAYOUT, 3: AEGIS3_LAYOUT][meta.abi] == meta.layout
  }

  /// What a `meta` map of any known layout says; those up to 2 had a shorter one.
  static func meta(pinnedAt path: String) throws(SystemError) -> aegis_meta? {
    do {
      return try BPFMap<UInt32, aegis_meta>(pinnedAt: path).value(forKey: 0)
    } catch {
      guard error.errno == EINVAL, let past = try? BPFMap<UInt32, aegis2_meta>(pinnedAt: path)
      else { throw error }
      return try past.value(forKey: 0).map { widened($0, aegis_meta()) }
    }
  }

  /// A value whose first fields are all of a past one.
  fileprivate static func widened<Past: BitwiseCopyable, Value: BitwiseCopyable>(
    _ past: Past, _ empty: Value
  ) -> Value {
    var value = empty
    withUnsafeMutableBytes(of: &value) { new in
      withUnsafeBytes(of: past) { new.copyMemory(from: $0) }
    }
    return value
  }

  /// Of maps that cannot be used as they are, beside `config` and `meta`, which every generation has of its own.
  static func isReshaped(_ map: String, since abi: UInt32) -> Bool {
    abi == 1 && map == AEGIS_MAP_COUNTERS || abi < 4 && Self.reshapedBy4.contains(map)
  }

  private static let reshapedBy4 =
    StoredRates.maps + [AEGIS_MAP_CELLS, AEGIS_MAP_EVENT_FILTER]

  /// The configuration of a generation of that layout, as it is written now.
  static func config(of directory: String, abi: UInt32) throws(AegisError) -> aegis_config {
    try kernel { () throws(SystemError) in
      let path = directory + "/" + AEGIS_MAP_CONFIG
      if abi > 3 {
        return try BPFMap<UInt32, aegis_config>(pinnedAt: path).value(forKey: 0) ?? aegis_config()
      }
      if abi > 1 {
        let old = try BPFMap<UInt32, aegis3_config>(pinnedAt: path).value(forKey: 0)
        return old.map { aegis_config($0) } ?? aegis_config()
      }
      let old = try BPFMap<UInt32, aegis1_config>(pinnedAt: path).value(forKey: 0)
      return old.map { aegis_config(widened($0, aegis3_config())) } ?? aegis_config()
    }
  }

  /// Layout 1 left the mode of what was detached; now that would say that it is to be attached.
  static func retireDetached(in datapath: Datapath) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let slots = try BPFMap<UInt32, aegis_interface>(
        pinnedAt: datapath.root.map(AEGIS_MAP_INTERFACES))
      for (slot, interface) in try slots.entries() where interface.mode != 0 {
        let link = try? XDPLink(pinnedAt: datapath.root.link(interface.ifindex)).info()
        if link.map({ $0.ifindex != 0 }) ?? false { continue }
        var interface = interface
        interface.mode = 0
        try slots.update(interface, forKey: slot)
      }
    }
  }

  /// Puts beside the new counters what the old ones hold. It can be done again, with what they hold by then.
  static func carryCounters(from directory: String, to datapath: Datapath) throws(AegisError) {
    let carried: BPFMap<UInt32, aegis_counters> = try datapath.map(AEGIS_MAP_CARRIED)
    try carryCounters(from: directory, to: carried)
  }

  static func carryCounters(
    from directory: String, to carried: borrowing BPFMap<UInt32, aegis_counters>
  ) throws(AegisError) {
    let meta = directory + "/" + AEGIS_MAP_META
    let counters = directory + "/" + AEGIS_MAP_COUNTERS
    // What was interrupted while it was built counted nothing.
    try kernel { () throws(SystemError) in
      guard try FileSystem.exists(meta), try FileSystem.exists(counters) else { return }
      guard let origin = try self.meta(pinnedAt: meta), origin.abi == 1, isKnown(origin) else {
        return
      }
      let old = try PerCPUMap<aegis1_counters>(pinnedAt: counters)
      for slot in 0...AEGIS_SLOTS {
        try carried.update(aegis_counters(sum: old.values(at: slot)), forKey: slot)
      }
    }
  }
}

extension aegis_counters {
  fileprivate init(sum perCPU: [aegis1_counters]) {
    self.init()
    for one in perCPU {
      withUnsafeBytes(of: one.reason) { old in
        withUnsafeMutableBytes(of: &reason) { new in
          let new = new.bindMemory(to: aegis_counter.self)
          for (index, counter) in old.bindMemory(to: aegis_counter.self).enumerated() {
            let isDrop = index >= Int(AEGIS1_PASS_REASONS)
            let place = isDrop ? index + Int(AEGIS_VERDICT_REASONS - AEGIS1_PASS_REASONS) : index
            new[place].packets += counter.packets
            new[place].bytes += counter.bytes
          }
        }
      }
      shared += one.shared
      contended += one.contended
    }
  }
}

extension aegis_rates {
  /// Not yet on lines of their own.
  init(_ past: aegis3_rates) {
    self.init()
    source.packets = Migration.widened(past.source_packets, aegis_rate())
    source.bytes = Migration.widened(past.source_bytes, aegis_rate())
    total.packets = Migration.widened(past.total_packets, aegis_rate())
    total.bytes = Migration.widened(past.total_bytes, aegis_rate())
    id = past.id
    length = past.length
  }
}

extension aegis_config {
  fileprivate init(_ past: aegis3_config) {
    self.init()
    rates = aegis_rates(past.rates)
    mask_v4 = past.mask_v4
    mask_v6 = past.mask_v6
    seed = past.seed
    next_expiry = past.next_expiry
    deadline = past.deadline
    survey_until = past.survey_until
    stages = past.stages
    rate_shapes = past.rate_shapes
    key_shapes = past.key_shapes
    protect_shapes = past.protect_shapes
  }
}
