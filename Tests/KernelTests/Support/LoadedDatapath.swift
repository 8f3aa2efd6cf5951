import BPF
import CAegis
import Testing

@testable import Aegis
@testable import TestModel

/// The datapath in the kernel, attached to nothing; unless the product pinned it, it ends with the process.
final class LoadedDatapath: Sendable {
  /// One for all suites: they take turns, and applying a policy leaves nothing of the one before.
  static var shared: LoadedDatapath { get throws { try loaded.get() } }

  private static let loaded = Result { try LoadedDatapath() }

  private static let lines: UInt32 = 4096
  private static let watched: UInt32 = 64

  let entries: EntryMaps
  private let lines: UInt32
  private let config: BPFMap<UInt32, aegis_config>
  private let cells: BPFMap<UInt32, aegis_line>
  private let counters: PerCPUMap<aegis_counters>
  private let program: BPFProgram

  private convenience init() throws {
    var object = try BPFObject(DatapathObject.bytes(), name: "aegis")
    try object.setMaxEntries(Self.lines, ofMap: AEGIS_MAP_cells.name)
    for name in EntryMaps.names { try object.setMaxEntries(4096, ofMap: name) }
    try object.load()
    let program = try object.programDescriptor(AEGIS_PROGRAM)
    try self.init(BPFProgram(program, name: AEGIS_PROGRAM), of: object, lines: Self.lines)
  }

  /// - Parameters:
  ///   - maps: Opens a map by its name.
  ///   - lines: The first of the limiter's table, which are the default rate's.
  init(
    _ program: consuming BPFProgram, of maps: borrowing some Maps & ~Copyable, lines: UInt32
  ) throws {
    let entries = try EntryMaps(of: maps)
    let config: BPFMap<UInt32, aegis_config> = try maps.map(AEGIS_MAP_config.name)
    let cells: BPFMap<UInt32, aegis_line> = try maps.map(AEGIS_MAP_cells.name)
    let counters = try PerCPUMap<aegis_counters>(
      maps.descriptor(ofMap: AEGIS_MAP_counters.name), name: AEGIS_MAP_counters.name)
    self.lines = lines
    self.entries = entries
    self.config = config
    self.cells = cells
    self.counters = counters
    self.program = program
  }

  /// Puts a policy in the place of the one before, whose debts are forgotten.
  func apply(_ policy: Policy) throws {
    if let last = try config.value(forKey: 0), last.stages & AEGIS_STAGE_RATE.rawValue != 0 {
      try cells.update((0..<lines).map { (key: $0, value: aegis_line()) })
    }
    try entries.clear()
    for drop in policy.drops { try entries.write(drop) }
    for key in policy.keys { try entries.write(key) }
    let seed = (UInt64.random(), UInt64.random(), UInt64.random())
    try config.update(aegis_config(policy, seed: seed, lines: lines), forKey: 0)
  }

  /// What became of a frame.
  struct Outcome: Equatable {
    var verdict: Verdict?
    var reason: Reason?
    var wouldDrop: Reason?
    /// As counted.
    var bytes: UInt64
  }

  /// Runs a frame. The reason is the one whose counter moved; nil unless just one did, by one.
  ///
  /// - Parameter linear: Bytes that are in the first piece of its buffer; nil for as many as fit in.
  func run(_ frame: Frame, linear: Int? = nil) throws -> Outcome {
    let before = try totals()
    let action = try program.testRun(frame.bytes, linear: linear).returnValue
    let after = try totals()
    let moved = Reason.allCases.filter { after[$0].packets != before[$0].packets }
    var outcome = Outcome(bytes: 0)
    // XDP_DROP and XDP_PASS
    outcome.verdict = [1: .drop, 2: .pass][action]
    guard moved.count == 1, after[moved[0]].packets == before[moved[0]].packets + 1 else {
      return outcome
    }
    outcome.reason = moved[0]
    outcome.wouldDrop = Reason.allCases.first {
      $0.verdict == .drop && after.wouldDrop($0) != before.wouldDrop($0)
    }
    outcome.bytes = after[moved[0]].bytes - before[moved[0]].bytes
    return outcome
  }

  /// All that a packet may change, to be compared.
  func state() throws -> [[UInt8]] {
    // Of a small table: the default rate's lines, and those that the first rules got.
    let lines = try (0..<Self.watched).map { try cells.value(forKey: $0) ?? aegis_line() }
    return try [bytes(lines), bytes(counters.values(at: AEGIS_BLOCK_OTHER))] + entries.state()
  }

  /// Packets that shared a way of the limiter, or lost the race for one, so far.
  func limiterTrouble() throws -> UInt64 {
    try totals().shared + totals().contended
  }

  /// No slot names an interface, so all is counted as of another.
  private func totals() throws -> Totals {
    try Totals(counters.values(at: AEGIS_BLOCK_OTHER))
  }
}

extension UInt64 {
  fileprivate static func random() -> UInt64 { .random(in: 0...(.max)) }
}
