import Aegis
import BPF
import CAegis
import Linux

/// The datapath as shipped, in its own instance.
final class AegisUnderTest {
  let subject: ProgramUnderTest
  let datapath: Datapath
  private let root: PinRoot
  private let hook: Hook

  /// - Parameters:
  ///   - hook: Whose program is measured, with the settings, lists and rates of its direction.
  ///   - drops: Room on the drop list.
  ///   - users: Room for users of the relay; nil for the default of `load`.
  init(
    _ name: String, at hook: Hook = .xdp, sources: UInt32? = nil, drops: UInt32 = 1024,
    users: UInt32? = nil, in lab: Lab
  ) throws {
    let root = PinRoot(lab.pinPath())
    let session = try Session.create(at: root, timeout: .seconds(5), dryRun: false)
    let request = Loader.Request(drops: drops, keys: 64, sources: sources, users: users)
    _ = try Loader(root).load(request, replace: false, in: session)
    let datapath = try Datapath(at: root)
    // The programs behind tc are there once one of them is attached.
    if !hook.isXDP {
      let interfaces = Interfaces(datapath)
      _ = try interfaces.attach(Lab.idleName, hook.direction, mode: .tc, in: session)
      _ = try interfaces.detach(Lab.idleName, in: session)
    }
    // A pinned program can be opened like a map.
    let current = root.path + "/current/"
    let program = try AnyBPFMap(pinnedAt: current + hook.program).descriptor.duplicate()
    let cells = try AnyBPFMap(pinnedAt: current + (hook == .out ? "out/cells" : "cells"))
    // The ways of one rate: each rate has its own lines.
    let ways = try cells.info().maxEntries * AEGIS_WAYS
    subject = try ProgramUnderTest(
      name, program, at: hook, bytesPerSource: Double(cells.memoryUsage()) / Double(ways))
    self.datapath = datapath[hook.direction]
    self.root = root
    self.hook = hook
  }

  /// Held only during a change, so that others can be run on the instance.
  private func session() throws -> Session { try Session(at: root, timeout: .seconds(5)) }

  /// Makes it count the packets of an interface in the calling thread's namespace for that interface.
  func claimSlot(for interface: String) throws {
    _ = try attach(to: interface)
    _ = try Interfaces(datapath).detach(interface, in: session())
  }

  func attach(to interface: String) throws {
    let mode: AttachMode = hook.isXDP ? .native : .tc
    _ = try Interfaces(datapath).attach(interface, hook.direction, mode: mode, in: session())
  }

  func detach(from interface: String) throws {
    _ = try Interfaces(datapath).detach(interface, in: session())
  }

  /// Joins two interfaces; detaching one of them takes both.
  func join(_ interface: String, to peer: String) throws {
    let options = WireOptions(peer: peer)
    _ = try Interfaces(datapath).attach(interface, wire: options, mode: .native, in: session())
  }

  enum Unit { case packets, bytes }

  func limit(to limit: Limit, in unit: Unit = .packets) throws {
    let rate: Rate
    switch unit {
    case .packets:
      rate = try Rate(limit.rate, .packets, period: .second, burst: UInt32(clamping: limit.burst))
    case .bytes:
      let burst = UInt32(clamping: limit.burst * Frame.length)
      rate = try Rate(limit.rate * Frame.length, .bytes, period: .second, burst: burst)
    }
    try set(RateRule(rate))
  }

  func set(_ rule: RateRule) throws { try make(Plan(rates: .set([rule]), of: datapath)) }

  /// Replaces all rules.
  func set(_ rules: [Rule]) throws {
    var policy = Policy()
    policy.rules = rules
    try make(Plan(from: Policy(of: datapath), to: policy, pruning: true))
  }

  func denyAll(replies: Bool? = nil) throws {
    try make(Plan(defaultAction: .deny, replies: replies, of: datapath))
  }

  private func make(_ plan: Plan) throws { try PlanExecutor(datapath).run(plan, in: session()) }

  func define(_ name: String, _ countries: [String]) throws {
    let addresses = AddressClass(countries: Set(try countries.map { try CountryCode($0) }))
    try make(Plan(class: ClassName(name), to: addresses, of: datapath))
  }

  func load(_ geo: GeoTable) throws {
    try GeoStore(datapath).replace(with: geo, in: session())
  }

  /// Starts a relay for new users.
  func relay(_ settings: RelaySettings, _ users: [RelayUserRequest]) throws -> [RelayUser] {
    _ = try RelayStore(datapath).set(settings, in: session())
    _ = try RelayUsers(datapath).put(users, in: session())
    return try RelayUsers(datapath).all()
  }

  /// Puts a program behind the policy that lets everything pass.
  func setHook() throws {
    let object = try HookObject(BenchObjects.bytes(BenchObjects.hook), path: "hook")
    try Aegis.Hook(datapath).set(object, onMissing: .pass, in: session())
  }

  /// Forgets all debts.
  func reset() throws { try RateTable(datapath).reset(in: session()) }

  func allow(_ key: AllowKey, rate: Rate) throws {
    let edit = EntryEdit(rate: .set(rate))
    try make(KeyList(datapath).plan(putting: ListContents([key])) { _ in edit }.plan)
  }

  func drop(_ prefixes: [Prefix]) throws {
    try make(DropList(datapath).plan(putting: ListContents(prefixes)) { _ in EntryEdit() }.plan)
  }

  func allowOnly(_ key: AllowKey) throws {
    try make(KeyList(datapath).plan(putting: ListContents([key])) { _ in EntryEdit() }.plan)
    try make(Plan(defaultAction: .deny, of: datapath))
  }

  /// The directory where it is pinned.
  var path: String { root.path }

  /// The path of the pin of one of its maps.
  func pin(of map: aegis_map) -> String { pin(String(cString: aegis_map_row(map).name)) }

  private func pin(_ map: String) -> String { "\(root.path)/current/\(map)" }

  /// Counts over all interfaces since it was loaded.
  func counts() throws -> Counts {
    var sum = try datapath.otherCounts()
    for attachment in try Interfaces(datapath).attachments() {
      sum += try datapath.counts(of: attachment)
    }
    return sum
  }

  /// The reason of nearly all its packets, with what it should be if it is another.
  func reason(expecting wanted: String) throws -> String {
    let most = try counts().byReason.max { $0.value.packets < $1.value.packets }
    let found = most.map { $0.key.name } ?? "none"
    return found == wanted ? found : "\(found), not \(wanted)"
  }

  func verdicts() throws -> Verdicts {
    let counts = try counts()
    return Verdicts(passed: counts.total(.pass).packets, dropped: counts.total(.drop).packets)
  }
}

extension AegisUnderTest {
  /// Makes another object of the same datapath use its maps, and so its policy and counters.
  func share(with object: borrowing BPFObject) throws {
    for name in object.mapNames where try FileSystem.exists(pin(name)) {
      try object.reuse(AnyBPFMap(pinnedAt: pin(name)).descriptor, forMap: name)
    }
  }
}
