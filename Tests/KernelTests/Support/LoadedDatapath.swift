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
  /// The same map, for layouts up to 5.
  private let pastConfig: BPFMap<UInt32, aegis5_config>
  private let cells: BPFMap<UInt32, aegis_line>
  /// Layout 4 has none.
  private let lists: BPFMap<UInt32, aegis_list>?
  private let counters: OtherCounters
  private let program: BPFProgram
  private let build: Build

  private convenience init() throws {
    var object = try BPFObject(DatapathObject.bytes(), name: "aegis")
    try object.setMaxEntries(Self.lines, ofMap: AEGIS_MAP_cells.name)
    try EntryMaps.makeRoom(for: 4096, in: object)
    try object.load()
    let program = try object.programDescriptor(AEGIS_PROGRAM)
    try self.init(BPFProgram(program, name: AEGIS_PROGRAM), of: object, lines: Self.lines)
  }

  /// - Parameters:
  ///   - maps: Opens a map by its name.
  ///   - lines: The first of the limiter's table, which are the default rate's.
  init(
    _ program: consuming BPFProgram, of maps: borrowing some Maps & ~Copyable, lines: UInt32,
    build: Build = .xdp
  ) throws {
    let entries = try EntryMaps(of: maps)
    let config: BPFMap<UInt32, aegis_config> = try maps.map(AEGIS_MAP_config.name)
    let pastConfig: BPFMap<UInt32, aegis5_config> = try maps.map(AEGIS_MAP_config.name)
    let cells: BPFMap<UInt32, aegis_line> = try maps.map(AEGIS_MAP_cells.name)
    let counters = try OtherCounters(build, of: maps)
    var lists: BPFMap<UInt32, aegis_list>?
    if build != .layout4 { lists = try maps.map(AEGIS_MAP_lists.name) }
    self.lists = lists
    self.lines = lines
    self.entries = entries
    self.config = config
    self.pastConfig = pastConfig
    self.cells = cells
    self.counters = counters
    self.program = program
    self.build = build
  }

  /// Puts a policy in the place of the one before, whose debts are forgotten.
  func apply(_ policy: Policy) throws {
    if let last = try config.value(forKey: 0), last.stages & AEGIS_STAGE_RATE.rawValue != 0 {
      try clear(lines: 0..<lines)
    }
    let seed = (UInt64.random(), UInt64.random(), UInt64.random())
    try write(policy, Rules(), seed: seed, lines: lines)
  }

  /// The same with rules, which are in their maps, and with a seed of the limiter's hash.
  ///
  /// - Parameter lines: Of the default rate.
  func write(
    _ policy: Policy, _ rules: Rules, seed: (UInt64, UInt64, UInt64), lines: UInt32
  ) throws {
    try lists?.update(
      aegis_list.rows(of: policy).enumerated().map { (key: UInt32($0), value: $1) })
    try entries.write(policy) { rules.rate(ofKey: $0) }
    var settings = aegis_config(policy, seed: seed, lines: lines)
    entries.drops.announce(policy.drops, in: &settings)
    rules.announce(in: &settings)
    if build == .layout4 {
      // Its first fields are the same.
      let past = withUnsafeBytes(of: settings) { $0.loadUnaligned(as: aegis5_config.self) }
      try pastConfig.update(past, forKey: 0)
    } else {
      try config.update(settings, forKey: 0)
    }
  }

  /// Forgets debts.
  func clear(lines: Range<UInt32>) throws {
    try cells.update(lines.map { (key: $0, value: aegis_line()) })
  }

  /// What became of a frame.
  struct Outcome: Equatable {
    var verdict: Verdict?
    var reason: Reason?
    var wouldDrop: Reason?
    /// As counted.
    var packets: UInt64
    var bytes: UInt64

    init(
      verdict: Verdict? = nil, reason: Reason? = nil, wouldDrop: Reason? = nil,
      packets: UInt64 = 1, bytes: UInt64
    ) {
      self.verdict = verdict
      self.reason = reason
      self.wouldDrop = wouldDrop
      self.packets = packets
      self.bytes = bytes
    }

    /// The reason is the one whose counter moved; nil unless just one did, or if what would be dropped is not as much.
    init(from before: Totals, to after: Totals, verdict: Verdict?) {
      self.init(packets: 0, bytes: 0)
      self.verdict = verdict
      let moved = Reason.allCases.filter { after[$0].packets != before[$0].packets }
      guard moved.count == 1 else { return }
      packets = after[moved[0]].packets - before[moved[0]].packets
      let would = Reason.allCases.filter { after.wouldDrop($0) != before.wouldDrop($0) }
      guard would.allSatisfy({ after.wouldDrop($0) - before.wouldDrop($0) == packets }) else {
        return
      }
      reason = moved[0]
      wouldDrop = would.first { $0.verdict == .drop }
      bytes = after[moved[0]].bytes - before[moved[0]].bytes
    }
  }

  /// Runs a frame.
  ///
  /// - Parameter linear: Bytes that are in the first piece of its buffer; nil for as many as fit in.
  func run(_ frame: Frame, linear: Int? = nil) throws -> Outcome {
    let before = try totals()
    let action = try program.testRun(frame.bytes, linear: linear).returnValue
    return Outcome(from: before, to: try totals(), verdict: build.verdict(of: action))
  }

  /// Runs a frame as the kernel's stack has it.
  ///
  /// - Parameter bare: The interface whose frames have no header of the link.
  func run(_ buffer: Buffer, bare: UInt32) throws -> Outcome {
    guard build.isBehindTC else { return try run(buffer.frame) }
    let before = try totals()
    let known = BPFProgram.Buffer(
      interface: buffer.bareType == nil ? 0 : bare, segmentSize: buffer.segmentSize,
      segments: buffer.segments, sentBytes: UInt32(buffer.sentBytes))
    let action = try program.testRun(buffer.frame.bytes, as: known, returningPacket: false)
    return Outcome(
      from: before, to: try totals(), verdict: build.verdict(of: action.returnValue))
  }

  /// All that a packet may change, to be compared.
  func state() throws -> [[UInt8]] {
    // Of a small table: the default rate's lines, and those that the first rules got.
    let lines = try (0..<Self.watched).map { try cells.value(forKey: $0) ?? aegis_line() }
    return try [bytes(lines), bytes(counters.values())] + entries.state()
  }

  /// Packets that shared a way of the limiter, or lost the race for one, so far.
  func limiterTrouble() throws -> UInt64 {
    try totals().shared + totals().contended
  }

  /// No slot names an interface, so all is counted as of another.
  private func totals() throws -> Totals {
    try Totals(counters.values())
  }
}

extension UInt64 {
  fileprivate static func random() -> UInt64 { .random(in: 0...(.max)) }
}
