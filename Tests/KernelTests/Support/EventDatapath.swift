import BPF
import CAegis
import Glibc
import Linux
import Testing

@testable import Aegis
@testable import TestModel

/// A datapath in the kernel whose events are read by hand.
final class EventDatapath: @unchecked Sendable {
  static let room = 2978

  private static let lines: UInt32 = 4096
  private static let coming = Result { try EventDatapath(BPFObjects.aegis, AEGIS_PROGRAM) }
  private static let leaving = Result { try EventDatapath(BPFObjects.out, "aegis_out") }

  private let entries: EntryMaps
  private let config: BPFMap<UInt32, aegis_config>
  private let filter: MappedValue<aegis_event_filter>
  private let states: PerCPUMap<aegis_event_state>
  private var ring: RingBuffer<aegis_event>
  private let program: BPFProgram

  private init(_ bytes: String, _ name: String) throws {
    var object = try BPFObject(BPFObjects.decode(bytes), name: "aegis")
    try object.setMaxEntries(Self.lines, ofMap: AEGIS_MAP_cells.name)
    try EntryMaps.makeRoom(for: 64, in: object)
    try object.load()
    let entries = try EntryMaps(of: object)
    let config: BPFMap<UInt32, aegis_config> = try object.map(AEGIS_MAP_config.name)
    let filter = try MappedValue<aegis_event_filter>(
      object.mapDescriptor(AEGIS_MAP_event_filter.name), name: AEGIS_MAP_event_filter.name)
    let states = try PerCPUMap<aegis_event_state>(
      object.mapDescriptor(AEGIS_MAP_event_state.name), name: AEGIS_MAP_event_state.name)
    let ring = try RingBuffer<aegis_event>(
      object.mapDescriptor(AEGIS_MAP_events.name), name: AEGIS_MAP_events.name)
    let program = try object.programDescriptor(name)
    self.entries = entries
    self.config = config
    self.filter = filter
    self.states = states
    self.ring = ring
    self.program = BPFProgram(program, name: name)
  }

  /// The one that all tests take in turn, under a policy and telling all of it.
  static func under(
    _ policy: Policy, _ direction: Direction = .in
  ) throws -> EventDatapath {
    let datapath = try (direction == .out ? leaving : coming).get()
    try datapath.entries.write(policy)
    // Another seed forgets the debts.
    let seed = (UInt64.random(in: 0 ... .max), UInt64.random(in: 0 ... .max), UInt64(3))
    var settings = aegis_config(policy, seed: seed, lines: lines)
    datapath.entries.drops.announce(policy.drops, in: &settings)
    settings.stages |= AEGIS_STAGE_EVENTS.rawValue
    settings.rates.id = 77
    try datapath.config.update(settings, forKey: 0)
    try datapath.read(EventFilter(rate: EventFilter.mostRate))
    return datapath
  }

  /// Has it tell from now on.
  func read(_ wanted: EventFilter, ifindex: UInt32 = 0, isLimited: Bool = true) throws {
    _ = try ring.take(atMost: .max)
    try states.set(aegis_event_state(), at: 0)
    var abi = try wanted.abi(ifindex: ifindex, classNumber: nil)
    if !isLimited { abi.budget = aegis_rate() }
    abi.until = Clock.monotonic() + 60_000_000_000
    filter.set(abi)
  }

  /// As a reader does with each look.
  func turn(_ turn: UInt32) { filter.set(\.turn, to: turn) }

  /// As a reader that is gone.
  func end() { filter.set(\.until, to: 0) }

  /// As a new reader does.
  func tellAgain() throws {
    var settings = try config.value(forKey: 0) ?? aegis_config()
    settings.stages |= AEGIS_STAGE_EVENTS.rawValue
    try config.update(settings, forKey: 0)
  }

  func run(_ frame: Frame, count: Int32 = 1) throws {
    _ = try program.testRun(frame.bytes, repeat: count)
  }

  func take(atMost most: Int = .max) throws -> [aegis_event] { try ring.take(atMost: most) }

  /// As `take`, for people.
  func events() throws -> [Event] {
    try take().map {
      Event($0, at: .now(), interface: "if\($0.ifindex)", rate: $0.rates == 77 ? "all" : nil)
    }
  }

  func tally() throws -> EventTally { try EventTally(states.values(at: 0)) }

  var isTelling: Bool {
    get throws { (try config.value(forKey: 0)?.stages ?? 0) & AEGIS_STAGE_EVENTS.rawValue != 0 }
  }
}
