import BPF
import CAegis

@testable import Aegis
@testable import TestModel

/// Builds of the datapath, each with maps of its own that hold the same.
struct Judges: ~Copyable {
  /// Of each rate: so many that every source under a policy finds a bucket of its own.
  private static let roomy: UInt32 = 64
  private static let allLines = roomy + RuleLines.most(count: roomy)

  private let judges: [Judge]
  private let bare: UInt32

  /// - Parameters:
  ///   - listening: Ports of this host that connections can be opened to.
  ///   - bare: An interface whose frames are to begin with the header of IP.
  init(listening: Set<UInt16> = [], bare: UInt32) throws {
    judges = try Build.allCases.map { try Judge($0, listening, bare: bare) }
    self.bare = bare
  }

  /// What becomes of a frame by the library, which looks into the maps of the first program of its direction.
  func runOnHost(_ buffer: Buffer) throws -> [(
    build: HostJudge.Build, outcome: LoadedDatapath.Outcome
  )] {
    let hosts = judges.first { $0.build.direction == buffer.direction }?.hosts ?? []
    return try zip(HostJudge.Build.allCases, hosts).map { ($0, try $1.run(buffer)) }
  }

  /// Puts a policy in the place of the one before, whose debts are forgotten.
  ///
  /// - Parameter isCrowded: Whether sources are to meet in the limiter's table.
  func apply(_ policy: Policy, seed: (UInt64, UInt64, UInt64), isCrowded: Bool) throws {
    var left = RuleLines(first: Self.roomy, count: isCrowded ? 2 : Self.roomy)
    let rules = Rules(policy, &left)
    for judge in judges {
      try judge.apply(
        policy, rules, seed: seed, lines: isCrowded ? 1 : Self.roomy, used: 0..<left.first)
    }
  }

  /// What became of a frame, by each of these builds that the kernel runs on it.
  func run(
    _ buffer: Buffer, by builds: [Build]
  ) throws -> [(build: Build, outcome: LoadedDatapath.Outcome)] {
    try judges.filter { builds.contains($0.build) && $0.build.takes(buffer.frame) }
      .map { ($0.build, try $0.datapath.run(buffer, bare: bare)) }
  }

  /// The packets that each class was counted for, by a build that has classes.
  func classCounts(of build: Build) throws -> [aegis_class_counters] {
    try judges.first { $0.build == build }?.classCounts() ?? []
  }

  /// What lists were counted for, by number, by each of these builds and by the library.
  func listCounts(of builds: [Build]) throws -> [[aegis_list_counters]] {
    let chosen = judges.filter { builds.contains($0.build) }
    let first = chosen.first { !$0.hosts.isEmpty }
    return try chosen.compactMap { try $0.listCounts() } + [first?.hosts[0].listCounts() ?? []]
  }

  /// The list that the library found for the last frame, when it only tried.
  func listTried(_ direction: Direction) -> Int? {
    judges.first { $0.build.direction == direction }?.hosts[1].list
  }

  /// Packets that shared a way of the limiter, or lost the race for one, so far, by each build.
  func limiterTrouble() throws -> [UInt64] {
    try judges.map { try $0.datapath.limiterTrouble() }
  }

  private final class Judge {
    let build: Build
    let datapath: LoadedDatapath
    private let rules: RuleMaps
    /// Layout 4 has none.
    private let classes: ClassMaps?
    private let lists: ListMaps?
    let hosts: [HostJudge]
    /// By the policy before.
    private var used = 0..<allLines

    init(_ build: Build, _ listening: Set<UInt16>, bare: UInt32) throws {
      self.build = build
      var object = try BPFObject(build.object, name: build.program)
      try object.setMaxEntries(allLines, ofMap: AEGIS_MAP_cells.name)
      try EntryMaps.makeRoom(for: 64, in: object)
      try object.load()
      let program = try BPFProgram(object.programDescriptor(build.program), name: build.program)
      let datapath = try LoadedDatapath(program, of: object, lines: roomy, build: build)
      self.datapath = datapath
      rules = try RuleMaps(of: object)
      classes = build == .layout4 ? nil : try ClassMaps(of: object)
      lists = build == .layout4 ? nil : try ListMaps(of: object)
      hosts =
        build == .xdp || build == .out
        ? try HostJudge.Build.allCases.map { kind in
          try HostJudge(
            kind, of: object, datapath.entries.drops, lines: allLines, listening: listening)
        } : []
      if build.isBehindTC { try Self.bare(bare, in: object) }
    }

    private static func bare(_ ifindex: UInt32, in object: borrowing BPFObject) throws {
      let map: BPFMap<UInt32, aegis_interface> = try object.map(AEGIS_MAP_interfaces.name)
      var interface = aegis_interface()
      interface.ifindex = ifindex
      interface.flags = AEGIS_PORT_BARE.rawValue
      try map.update(interface, forKey: ifindex & (AEGIS_SLOTS - 1))
    }

    func classCounts() throws -> [aegis_class_counters]? { try classes?.counts() }
    func listCounts() throws -> [aegis_list_counters]? { try lists?.counts() }

    func apply(
      _ policy: Policy, _ rules: Rules, seed: (UInt64, UInt64, UInt64), lines: UInt32,
      used: Range<UInt32>
    ) throws {
      try datapath.clear(lines: self.used)
      self.used = used
      try self.rules.put(rules)
      try classes?.put(policy, rules)
      try datapath.write(policy, rules, seed: seed, lines: lines)
      for host in hosts { host.reset() }
    }
  }
}
