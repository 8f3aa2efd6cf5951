internal import BPF
internal import CAegis

/// Packets and whole frames' bytes.
public struct Count: Hashable, Sendable {
  public var packets: UInt64 = 0
  public var bytes: UInt64 = 0

  public init(packets: UInt64 = 0, bytes: UInt64 = 0) {
    self.packets = packets
    self.bytes = bytes
  }

  public static func += (left: inout Count, right: Count) {
    left.packets += right.packets
    left.bytes += right.bytes
  }

  /// What came since; zero where counting began anew.
  public static func - (left: Count, right: Count) -> Count {
    Count(
      packets: left.packets - min(left.packets, right.packets),
      bytes: left.bytes - min(left.bytes, right.bytes))
  }
}

/// What has been decided, by reason, summed over the CPUs.
public struct Counts: Sendable {
  public private(set) var byReason: [Reason: Count] = [:]
  /// What passed although it would have been dropped, by the reason to drop it: monitored entries, rates, mode.
  public private(set) var wouldDrop: [Reason: Count] = [:]
  /// Limited packets judged by a cell that another source also used, because its set was full.
  public private(set) var shared: UInt64 = 0
  /// Packets dropped because their cell changed under too many attempts; they count as `drop.rate` too.
  public private(set) var contended: UInt64 = 0

  public init() {}

  init(_ perCPU: [aegis_counters]) {
    for counters in perCPU {
      Self.add(counters.reason, from: 0, to: &byReason)
      Self.add(counters.would_drop, from: Reason.firstDrop.rawValue, to: &wouldDrop)
      shared += counters.shared
      contended += counters.contended
    }
  }

  mutating func note(_ reason: Reason, wouldDrop other: Reason?, _ count: Count) {
    byReason[reason, default: Count()] += count
    if let other { wouldDrop[other, default: Count()] += count }
  }

  /// `counters`: an array of C, the first of which is for the reason `first`.
  private static func add<Counters>(
    _ counters: Counters, from first: UInt32, to sums: inout [Reason: Count]
  ) {
    withUnsafeBytes(of: counters) { bytes in
      for (index, counter) in bytes.bindMemory(to: aegis_counter.self).enumerated()
      where counter.packets > 0 {
        sums[Reason(rawValue: first + UInt32(index)), default: Count()] += Count(
          packets: counter.packets, bytes: counter.bytes)
      }
    }
  }

  public subscript(reason: Reason) -> Count { byReason[reason] ?? Count() }

  public func total(_ verdict: Verdict) -> Count {
    byReason.filter { $0.key.verdict == verdict }.values.reduce(into: Count()) { $0 += $1 }
  }

  public static func += (left: inout Counts, right: Counts) {
    for (reason, count) in right.byReason { left.byReason[reason, default: Count()] += count }
    for (reason, count) in right.wouldDrop { left.wouldDrop[reason, default: Count()] += count }
    left.shared += right.shared
    left.contended += right.contended
  }

  public static func - (left: Counts, right: Counts) -> Counts {
    var difference = left
    difference.byReason = left.byReason.reduce(into: [:]) { $0[$1.key] = $1.value - right[$1.key] }
    difference.wouldDrop = left.wouldDrop.reduce(into: [:]) {
      $0[$1.key] = $1.value - (right.wouldDrop[$1.key] ?? Count())
    }
    difference.shared -= min(left.shared, right.shared)
    difference.contended -= min(left.contended, right.contended)
    return difference
  }
}

extension Datapath {
  /// What has been decided about the packets of an interface since its slot was claimed.
  public func counts(of attachment: Attachment) throws(AegisError) -> Counts {
    try counts(slot: attachment.slot)
  }

  /// About packets of interfaces that no slot names, as of one that moved to another namespace.
  public func otherCounts() throws(AegisError) -> Counts {
    try counts(slot: AEGIS_SLOT_OTHER)
  }

  /// What each possible CPU has decided about the packets of an interface, by its number.
  public func countsPerCPU(of attachment: Attachment) throws(AegisError) -> [Counts] {
    let map: PerCPUMap<aegis_counters> = try perCPU(AEGIS_MAP_COUNTERS)
    return try kernel { () throws(SystemError) in
      try map.values(at: attachment.slot).map { Counts([$0]) }
    }
  }

  private func counts(slot: UInt32) throws(AegisError) -> Counts {
    let map: PerCPUMap<aegis_counters> = try perCPU(AEGIS_MAP_COUNTERS)
    let carried: BPFMap<UInt32, aegis_counters> = try self.map(AEGIS_MAP_CARRIED)
    return Counts(
      try kernel { () throws(SystemError) in
        try map.values(at: slot) + [carried.value(forKey: slot) ?? aegis_counters()]
      })
  }
}
