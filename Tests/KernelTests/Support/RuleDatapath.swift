import BPF
import CAegis
import Linux
import TestSupport

@testable import Aegis
@testable import TestModel

/// A datapath that the product loaded, whose programs are attached to nothing, with rules that the product put in place.
final class RuleDatapath {
  private let pinned: PinnedDatapath
  private let xdp: BPFProgram
  private let tc: BPFProgram
  private let out: BPFProgram
  private let counters: PerCPUMap<aegis_counters>
  private let outCounters: PerCPUMap<aegis_counters>
  private let interfaces: [(ifindex: UInt32, name: String)]
  private var attached: Set<UInt32> = []
  private var host: HostDatapath?
  private var image: HostDatapath?
  /// By the numbers that the kernel's rules have, and those of the policy.
  private var names: [UInt16: RuleName] = [:]
  private var places: [UInt16: RuleName] = [:]

  init(_ interfaces: [(ifindex: UInt32, name: String)]) throws {
    self.interfaces = interfaces
    pinned = try PinnedDatapath(sources: 6000)
    let datapath = pinned.datapath
    xdp = try datapath.program()
    tc = try Self.program(.tc, datapath)
    out = try Self.program(.out, datapath[.out])
    counters = try datapath.perCPU(AEGIS_MAP_counters)
    outCounters = try datapath[.out].perCPU(AEGIS_MAP_counters)
  }

  private static func program(_ build: Build, _ datapath: Datapath) throws -> BPFProgram {
    let object = try datapath.load(
      build: build == .out ? BPFObjects.out : BPFObjects.tc, named: build.program)
    return BPFProgram(try object.programDescriptor(build.program), name: build.program)
  }

  /// Puts rules and what surrounds them in the place of those before.
  func apply(_ policy: Aegis.Policy, _ direction: Direction, seed: UInt64) throws {
    let datapath = pinned.datapath
    try attach(seed)
    // Removes what has expired, as every call does first.
    for direction in Direction.allCases {
      _ = try Session(at: pinned.root, timeout: .seconds(5)).datapath(direction)
    }
    try pinned.make(Plan(from: Aegis.Policy(of: datapath), to: policy, pruning: true))
    try RateTable(datapath[direction]).reset(in: Session(at: pinned.root, timeout: .seconds(5)))
    names = try RuleTable(datapath[direction]).names()
    let host = try HostDatapath(over: datapath[direction])
    host.beginAnew(AEGIS_MAP_cells, entries: try datapath.capacity().cells)
    self.host = host
    image = try PolicyImage(policy, direction).host
    let rules = (direction == .out ? policy.out?.rules : policy.rules) ?? []
    places = Dictionary(
      uniqueKeysWithValues: rules.enumerated().map { (UInt16($0.offset), $0.element.name) })
  }

  /// Gives slots to some of the interfaces. They count as if they had none.
  private func attach(_ seed: UInt64) throws {
    let map: BPFMap<UInt32, aegis_interface> = try pinned.datapath.map(AEGIS_MAP_interfaces)
    for (place, interface) in interfaces.enumerated() {
      let slot = interface.ifindex & (AEGIS_SLOTS - 1)
      var row = aegis_interface()
      if seed >> UInt64(place) & 1 == 0 {
        row.ifindex = interface.ifindex
        CText.write(interface.name, to: &row.name)
        attached.insert(interface.ifindex)
      } else {
        attached.remove(interface.ifindex)
      }
      try map.update(row, forKey: slot)
    }
  }

  func isAttached(_ ifindex: UInt32) -> Bool { attached.contains(ifindex) }

  /// What becomes of a frame by one of the programs of the direction.
  func run(
    _ frame: [UInt8], by build: Build, on ifindex: UInt32
  ) throws -> LoadedDatapath.Outcome {
    let before = try totals(build.direction)
    let buffer = BPFProgram.Buffer(
      interface: ifindex, segmentSize: 0, segments: 0, sentBytes: 0)
    let answer =
      switch build {
      case .out: try out.testRun(frame, as: buffer, returningPacket: false)
      case .tc: try tc.testRun(frame, as: buffer, returningPacket: false)
      default: try xdp.testRun(frame, interface: ifindex, returningPacket: false)
      }
    return LoadedDatapath.Outcome(
      from: before, to: try totals(build.direction), verdict: build.verdict(of: answer.returnValue))
  }

  private func totals(_ direction: Direction) throws -> Totals {
    if direction == .out { return Totals(try outCounters.values(at: AEGIS_BLOCK_OTHER)) }
    return Totals(try counters.values(at: AEGIS_BLOCK_OTHER))
  }

  private static func socket(of frame: [UInt8], _ direction: Direction) -> SocketState {
    guard case .ip(let packet) = try? Content(of: frame, direction), let port = packet.port else {
      return .none
    }
    if packet.isAnswer(of: [RuleModel.tcpPort]) { return .established }
    return RuleModel.isListened(port, packet.protocolNumber) ? .listen : .none
  }

  /// By the library, over the maps in the kernel.
  func judge(_ frame: [UInt8], on ifindex: UInt32) throws -> RuleModel.Outcome {
    try outcome(host!, frame, on: ifindex, names)
  }

  /// By the library, over maps of its own.
  func imagine(_ frame: [UInt8]) throws -> RuleModel.Outcome {
    try outcome(image!, frame, on: 0, places)
  }

  private func outcome(
    _ host: HostDatapath, _ frame: [UInt8], on ifindex: UInt32, _ names: [UInt16: RuleName]
  ) throws -> RuleModel.Outcome {
    let judgement = try host.judge(
      frame, on: ifindex, at: .now, charges: true,
      socket: Self.socket(of: frame, host.direction))
    let trace = judgement.trace
    var monitored: Set<RuleName> = []
    withUnsafeBytes(of: trace.rules_matched) { words in
      for (word, bits) in words.bindMemory(to: UInt64.self).enumerated() where bits != 0 {
        for bit in 0..<64 where bits >> UInt64(bit) & 1 == 1 {
          if let name = names[UInt16(word * 64 + bit)] { monitored.insert(name) }
        }
      }
    }
    return RuleModel.Outcome(
      reason: judgement.reason, wouldDrop: judgement.wouldDrop,
      rule: trace.rule == 0 ? nil : names[UInt16(trace.rule - 1)], monitored: monitored)
  }

  /// Packets that rules matched, in all programs.
  func counts(_ direction: Direction) throws -> [RuleName: Int] {
    let table = RuleTable(pinned.datapath[direction])
    return try table.counted(table.source().rows).reduce(into: [:]) {
      $0[$1.rule.name] = Int($1.matched.packets)
    }
  }
}
