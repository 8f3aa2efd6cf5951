internal import BPF
internal import CAegis
internal import Linux

/// A number of packets, and the bytes of their whole frames.
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

  /// The count since `right`; zero if the counters were reset.
  public static func - (left: Count, right: Count) -> Count {
    Count(
      packets: left.packets - min(left.packets, right.packets),
      bytes: left.bytes - min(left.bytes, right.bytes))
  }
}

/// The decisions by reason, summed over the CPUs.
public struct Counts: Sendable {
  public private(set) var byReason: [Reason: Count] = [:]
  /// Packets that passed although they would have been dropped, by the reason to drop them: monitored entries, rates,
  /// mode.
  public private(set) var wouldDrop: [Reason: Count] = [:]
  /// Rate-limited packets that were judged by a cell that another source also used, because its set was full.
  public private(set) var shared: UInt64 = 0
  /// Packets dropped because their cell changed under too many attempts; they count as `drop.rate` too.
  public private(set) var contended: UInt64 = 0
  /// Frames that the other port of a wire did not take.
  public private(set) var lost: UInt64 = 0
  /// Frames of the host itself that were kept from leaving by a port of a wire.
  public private(set) var silenced: UInt64 = 0

  public init() {}

  /// - Parameter reason: Returns the reason for a number.
  init(_ perCPU: [aegis_counters], reason: (UInt32) -> Reason = Reason.init(rawValue:)) {
    for counters in perCPU {
      Self.add(counters.reason, to: &byReason, reason)
      Self.add(counters.would_drop, to: &wouldDrop, reason)
      shared += counters.shared
      contended += counters.contended
      lost += counters.lost
      silenced += counters.silenced
    }
  }

  mutating func note(_ reason: Reason, wouldDrop other: Reason?, _ count: Count) {
    byReason[reason, default: Count()] += count
    if let other { wouldDrop[other, default: Count()] += count }
  }

  /// `counters`: a C array.
  private static func add<Counters>(
    _ counters: Counters, to sums: inout [Reason: Count], _ reason: (UInt32) -> Reason
  ) {
    withUnsafeBytes(of: counters) { bytes in
      for (index, counter) in bytes.bindMemory(to: aegis_counter.self).enumerated()
      where counter.packets > 0 {
        sums[reason(UInt32(index)), default: Count()] += Count(
          packets: counter.packets, bytes: counter.bytes)
      }
    }
  }

  /// All reasons that this version knows, and others that a later version counted.
  public var reasons: [Reason] { Self.reasons(in: byReason) }
  /// The reasons in `wouldDrop`.
  public var monitored: [Reason] {
    Self.reasons(in: wouldDrop).filter { wouldDrop[$0] != nil }
  }
  /// The verdicts of these reasons.
  public var verdicts: [Verdict] {
    [.pass, .drop, .reply].filter { verdict in reasons.contains { $0.verdict == verdict } }
  }

  private static func reasons(in counts: [Reason: Count]) -> [Reason] {
    let known = Reason.allCases
    return known + counts.keys.filter { $0.rawValue >= known.count }.sorted()
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
    left.lost += right.lost
    left.silenced += right.silenced
  }

  public static func - (left: Counts, right: Counts) -> Counts {
    var difference = left
    difference.byReason = left.byReason.reduce(into: [:]) { $0[$1.key] = $1.value - right[$1.key] }
    difference.wouldDrop = left.wouldDrop.reduce(into: [:]) {
      $0[$1.key] = $1.value - (right.wouldDrop[$1.key] ?? Count())
    }
    difference.shared -= min(left.shared, right.shared)
    difference.contended -= min(left.contended, right.contended)
    difference.lost -= min(left.lost, right.lost)
    difference.silenced -= min(left.silenced, right.silenced)
    return difference
  }
}

extension Datapath {
  /// The decisions about the packets of an interface since its slot was claimed.
  public func counts(of attachment: Attachment) throws(AegisError) -> Counts {
    try counts(block: attachment.block)
  }

  /// The decisions about packets of interfaces without a slot, such as one that moved to another namespace.
  public func otherCounts() throws(AegisError) -> Counts {
    try counts(block: AEGIS_BLOCK_OTHER)
  }

  /// The decisions of each possible CPU about the packets of an interface, by the number of the CPU.
  public func countsPerCPU(of attachment: Attachment) throws(AegisError) -> [Counts] {
    try Blocks(self).values(attachment.block).map { Counts([$0], reason: origin.reason) }
  }

  private func counts(block: UInt32) throws(AegisError) -> Counts {
    let blocks = Blocks(self)
    let carried = try blocks.carried(block).map { [$0] } ?? []
    return try Counts(blocks.values(block) + carried, reason: origin.reason)
  }
}
