internal import BPF
internal import CAegis
internal import Linux

/// The rules of one direction of a loaded datapath, or of a saved policy.
public struct RuleTable: Sendable {
  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// The rules in their order, without expired ones.
  public func rules() throws(AegisError) -> [Rule] { try live().map(\.rule) }

  /// The same, with what each has matched.
  public func counted() throws(AegisError) -> [RuleCounts] { try counted(live()) }

  func counted(_ rows: [RuleSource.Row]) throws(AegisError) -> [RuleCounts] {
    if rows.isEmpty { return [] }
    return try kernel { () throws(SystemError) in
      let map = try counters()
      return try rows.map { row throws(SystemError) in
        var matched = Count()
        for cpu in try map.values(at: UInt32(row.number)) { matched += Count(cpu.matched) }
        return RuleCounts(rule: row.rule, matched: matched)
      }
    }
  }

  func counters() throws(SystemError) -> PerCPUMap<aegis_rule_counters> {
    try PerCPUMap(pinnedAt: datapath.pin(of: AEGIS_MAP_rule_counters))
  }

  /// The rows of rules that have not expired.
  private func live() throws(AegisError) -> [RuleSource.Row] {
    let now = Clock.boottime()
    return try source().rows.filter { !$0.rule.isExpired(at: now) }
  }

  /// The name of each number.
  func names() throws(AegisError) -> [UInt16: RuleName] {
    var names: [UInt16: RuleName] = [:]
    for view in try datapath.profileViews {
      names.merge(try RuleTable(view).source().names) { one, _ in one }
    }
    return names
  }

  /// The packets that the rate of each limit rule is for, by its key.
  func rateNames() throws(AegisError) -> [UInt32: String] {
    var names: [UInt32: String] = [:]
    for row in try source().rows where row.rate != 0 { names[row.rate] = "rule \(row.rule.name)" }
    return names
  }

  func source() throws(AegisError) -> RuleSource {
    let text = try kernel { () throws(SystemError) in try RuleSet.rules.text(datapath) }
    guard let text else { return RuleSource([]) }
    return RuleSource(parsing: text[...], rates: try KeyRates.rules(datapath))
  }
}

extension UnsafeMutableRawPointer {
  /// The source form in a set of rules.
  var ruleSource: String {
    let count = min(aegis_rule_head(self).pointee.source_bytes, AEGIS_RULES_SOURCE)
    let bytes = UnsafeRawBufferPointer(start: aegis_rule_source(self), count: Int(count))
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension RuleTable {
  /// Replaces all rules at once: a packet is judged by those before, or by these.
  ///
  /// A call that is killed leaves the rules that were in force, or the new ones. What the other slot holds is garbage,
  /// which the next call removes; so are rates without a rule.
  func put(_ rules: [Rule]) throws(AegisError) {
    try clearUnused()
    let old = try source().rows
    let config = try Settings.read(datapath)
    if rules.isEmpty, RuleSet.rules.slot(config) == nil { return }
    let keys = try KeyRates(datapath)
    let direction = datapath.direction
    var rates: [KeyRates.New] = []
    var rows: [RuleSource.Row] = []
    var used: Set<UInt16> = []
    for view in try datapath.profileViews {
      used.formUnion(try RuleTable(view).source().rows.map(\.number))
    }
    var fresh: [UInt16] = []
    for rule in rules {
      let before = old.first { $0.rule.name == rule.name }
      var row = RuleSource.Row(rule: rule, number: before?.number ?? 0, rate: before?.rate ?? 0)
      if before == nil {
        // A packet may still be judged by a rule that goes; its number is not given away at once.
        guard let number = (0..<UInt16(AEGIS_RULE_NUMBERS)).first(where: { !used.contains($0) })
        else {
          throw AegisError(
            .failed, "there is no room for rule \(rule.name)",
            hint: "all profiles together have \(AEGIS_RULE_NUMBERS) rules, new ones and old ones")
        }
        used.insert(number)
        fresh.append(number)
        row.number = number
      }
      if case .limit(let rate?, let isTotal) = rule.action {
        let wanted = try KeyRates.rates(rate, isTotal: isTotal)
        if row.rate == 0 {
          row.rate = wanted.id
          rates.append(KeyRates.New(rates: wanted, prefix: rule.onlyPeer(direction)))
        } else if let changed = try keys.update(wanted, of: row.rate) {
          rates.append(KeyRates.New(rates: changed, prefix: rule.onlyPeer(direction)))
        }
      } else {
        row.rate = 0
      }
      rows.append(row)
    }
    try clear(fresh)
    let stored = rates
    try replace(with: rows, config) { () throws(AegisError) in
      if !stored.isEmpty { try keys.store(stored) }
    }
    let kept = Set(rows.map(\.rate))
    try keys.remove(old.map(\.rate).filter { $0 != 0 && !kept.contains($0) })
  }

  /// Makes counters begin at zero.
  func clear(_ numbers: [UInt16]) throws(AegisError) {
    if numbers.isEmpty { return }
    try kernel { () throws(SystemError) in
      let counters = try counters()
      for number in numbers { try counters.set(aegis_rule_counters(), at: UInt32(number)) }
    }
  }

  /// - Parameter storeRates: Called once the rules are known to fit, and before they are in force.
  private func replace(
    with rows: [RuleSource.Row], _ config: aegis_config,
    _ storeRates: () throws(AegisError) -> Void = { () throws(AegisError) in }
  ) throws(AegisError) {
    let place = RulePlace(datapath)
    let past = RuleSet.rules.slot(config)
    let new = rows.isEmpty ? nil : RuleSet.rules.next(config)
    let profile = datapath.profile.number
    let needs = rows.map(\.rule).needs(datapath.direction)
    if let new {
      try place.put(
        rows, datapath.direction, try numbers(of: rows), at: RuleSet.rules.pin(new, profile))
    }
    try storeRates()
    try prepare(for: rows, needs, config)
    try Settings.change(datapath) {
      $0.setRules(new, profile, needs.meanwhile(after: config.ruleNeeds))
    }
    try kernel { () throws(SystemError) in
      try GracePeriod.wait()
      if let past { try place.inner.clear([RuleSet.rules.pin(past, profile)]) }
    }
    try Settings.change(datapath) { $0.setRules(new, profile, needs) }
    if config.stages & aegis_stage.classes != 0, !rows.contains(where: { $0.rule.namesClasses }) {
      try ClassTable(datapath).settle()
    }
  }

  /// Has packets looked up in lists and classes before rules ask for that. Gives all packets to the hook before rules
  /// cease to choose.
  private func prepare(
    for rows: [RuleSource.Row], _ needs: RuleNeeds, _ config: aegis_config
  ) throws(AegisError) {
    var isNew = try Settings.change(datapath) {
      $0.setNeeds(needs.meanwhile(after: config.ruleNeeds))
    }
    if rows.contains(where: { $0.rule.namesClasses }) {
      isNew = isNew || config.stages & aegis_stage.classes == 0
      try Settings.changeBoth(datapath) { $0.set(aegis_stage.classes, true) }
    }
    if isNew { try kernel { () throws(SystemError) in try GracePeriod.wait() } }
  }

  /// Has the hook get only what rules choose, if they do, in each profile: a call that was interrupted may have left it
  /// with all packets.
  func settleChoice() throws(AegisError) {
    for view in try datapath.profileViews {
      let text = try kernel { () throws(SystemError) in try RuleSet.rules.text(view) }
      guard let text, text.contains("then=hook") else { continue }
      let chooses = RuleSource(parsing: text[...], rates: [:]).rows.map(\.rule).chooseForHook
      try Settings.change(view) { $0.set(aegis_stage.ruleHooks, chooses) }
    }
  }

  /// The same rules for lists, classes and interfaces that have other numbers now.
  func compileAgain() throws(AegisError) {
    // A list that only an expired rule names may be gone.
    let rows = try live()
    if !rows.isEmpty { try replace(with: rows, try Settings.read(datapath)) }
  }

  func numbers(of rows: [RuleSource.Row]) throws(AegisError) -> RuleNumbers {
    var numbers = RuleNumbers()
    let rules = rows.map(\.rule)
    if rules.contains(where: { $0.namesClasses }) {
      numbers.classes = try ClassTable(datapath).classNumbers()
    }
    var present: Set<ListName> = []
    for side in try datapath.views {
      present.formUnion(try RuleTable(side).source().rows.map(\.rule).allLists)
    }
    numbers.lists = try ListTable(datapath).numbersForRules(rules.allLists, besides: present)
    if rules.contains(where: { $0.namesInterfaces }) {
      for (slot, interface) in try Slots(datapath).taken() {
        numbers.interfaces[CText.read(interface.name)] = slot
      }
    }
    return numbers
  }

  /// Whether a rule names interfaces, whose slots must be found again when one is attached.
  func namesInterfaces() throws(AegisError) -> Bool {
    try source().rows.contains { $0.rule.namesInterfaces }
  }
}

extension RuleTable: InnerTables {
  var inner: InnerMaps { RulePlace(datapath).inner }

  var used: [InnerPin] {
    get throws(AegisError) {
      var used: [InnerPin] = []
      for view in try datapath.profileViews {
        let config = try Settings.read(view)
        used += RuleSet.allCases.compactMap { set in
          set.slot(config).map { set.pin($0, view.profile.number) }
        }
      }
      return used
    }
  }

  /// Puts copies of the sets in force in the same slots of another place.
  func copy(to place: RulePlace) throws(AegisError) {
    for pin in try used {
      try kernel { () throws(SystemError) in
        let array = try RulePlace(datapath).array(pin)
        let copy = try RulePlace.newArray()
        withExtendedLifetime(array) {
          copy.memory.copyMemory(from: array.memory, byteCount: RuleCompiler.bytes)
        }
        try place.inner.put(copy.map, at: pin)
      }
    }
  }
}

/// Where the sets of rules are, in a generation or in a saved policy.
struct RulePlace {
  let inner: InnerMaps

  /// - Parameters:
  ///   - root: Below it are the pins of the sets.
  ///   - directory: Where the maps of the direction are pinned.
  init(_ root: PinRoot, _ direction: Direction, in directory: String) {
    inner = InnerMaps(
      outer: AEGIS_MAP_rules.pin(in: directory), directory: root.rules(direction))
  }

  init(_ datapath: Datapath) {
    self.init(datapath.root, datapath.direction, in: datapath.directory)
  }

  func array(_ pin: InnerPin) throws(SystemError) -> MappedArray {
    try MappedArray(pinnedAt: inner.path(of: pin), valueSize: RuleCompiler.bytes)
  }

  /// The source form of a set of a build with other dimensions; nil if it has the shape of this build, or does not
  /// exist. The head comes first in every shape, and the source form last.
  func textOfOtherShape(_ pin: InnerPin) throws(SystemError) -> String? {
    let path = inner.path(of: pin)
    guard try FileSystem.exists(path) else { return nil }
    let size = Int(try AnyBPFMap(pinnedAt: path).info().valueSize)
    if size == RuleCompiler.bytes || size < Int(AEGIS_RULES_SOURCE) { return nil }
    let array = try MappedArray(pinnedAt: path, valueSize: size)
    return withExtendedLifetime(array) {
      let count = min(aegis_rule_head(array.memory).pointee.source_bytes, AEGIS_RULES_SOURCE)
      let start = array.memory.advanced(by: size - Int(AEGIS_RULES_SOURCE))
      return String(
        decoding: UnsafeRawBufferPointer(start: start, count: Int(count)), as: UTF8.self)
    }
  }

  static func newArray() throws(SystemError) -> MappedInnerArray {
    try MappedInnerArray(
      named: "aegis_rules", count: 1, valueSize: RuleCompiler.bytes, isFixed: true)
  }

  /// Makes a set in a slot that is not in force.
  func put(
    _ rows: [RuleSource.Row], _ direction: Direction, _ numbers: RuleNumbers, at pin: InnerPin
  ) throws(AegisError) {
    let text = RuleSource(rows).text
    guard text.utf8.count <= Int(AEGIS_RULES_SOURCE) else {
      throw AegisError(
        .badInput, "the rules are longer than \(AEGIS_RULES_SOURCE >> 10) KB",
        hint: "put addresses into a list of action none: set-list NAME --action none")
    }
    let array = try kernel { () throws(SystemError) in
      try inner.clear([pin])
      return try Self.newArray()
    }
    try RuleCompiler.compile(rows, direction, numbers, into: array.memory)
    withExtendedLifetime(array) { $0.memory.setRuleSource(text) }
    try kernel { () throws(SystemError) in try inner.put(array.map, at: pin) }
  }
}

extension UnsafeMutableRawPointer {
  func setRuleSource(_ text: String) {
    let bytes = Array(text.utf8)
    UnsafeMutableRawPointer(aegis_rule_source(self)).copyMemory(
      from: bytes, byteCount: bytes.count)
    aegis_rule_head(self).pointee.source_bytes = UInt32(bytes.count)
  }
}

/// What has to be looked up for rules.
struct RuleNeeds: Equatable {
  /// Whether the peer of a packet may be in lists that they name.
  var peer = false
  var local = false
  /// Whether they ask for the socket of a packet.
  var socket = false
  /// Whether the hook gets only the packets that they choose for it.
  var hook = false

  /// What suits these rules and those before them: packets are looked up for either, and the hook gets only what rules
  /// choose if both choose.
  func meanwhile(after old: RuleNeeds) -> RuleNeeds {
    RuleNeeds(
      peer: peer || old.peer, local: local || old.local, socket: socket || old.socket,
      hook: hook && old.hook)
  }
}

extension aegis_config {
  mutating func setRules(_ slot: UInt32?, _ profile: UInt32, _ needs: RuleNeeds) {
    RuleSet.rules.set(slot, profile, in: &self)
    set(aegis_stage.rules, slot != nil)
    setNeeds(slot == nil ? RuleNeeds() : needs)
  }

  var ruleNeeds: RuleNeeds {
    RuleNeeds(
      peer: stages & aegis_stage.rulePeers != 0, local: stages & aegis_stage.ruleLocals != 0,
      socket: stages & aegis_stage.ruleSockets != 0, hook: stages & aegis_stage.ruleHooks != 0)
  }

  mutating func setNeeds(_ needs: RuleNeeds) {
    set(aegis_stage.rulePeers, needs.peer)
    set(aegis_stage.ruleLocals, needs.local)
    set(aegis_stage.ruleSockets, needs.socket)
    set(aegis_stage.ruleHooks, needs.hook)
  }
}

extension Rule {
  /// All that it says of fields.
  var matches: [RuleMatch] { [match, exceptions] }

  var namesClasses: Bool { matches.contains { $0.classes != nil } }
  var asksForSockets: Bool { matches.contains { $0.sockets != nil } }
  var namesInterfaces: Bool { matches.contains { $0.interfaces != nil } }

  var interfaceNames: [String] { matches.flatMap { $0.interfaces?.names ?? [] } }

  /// The classes that it names.
  var classNames: [ClassName] { matches.flatMap { $0.classes?.names ?? [] } }

  /// The lists that it names.
  var listNames: [ListName] {
    matches.flatMap { ($0.from?.lists ?? []) + ($0.to?.lists ?? []) }
  }

  /// The only prefix that its peer can be in.
  func onlyPeer(_ direction: Direction) -> Prefix? {
    guard let peers = direction == .in ? match.from : match.to, peers.lists.isEmpty,
      peers.prefixes.count == 1
    else { return nil }
    return peers.prefixes[0]
  }
}

extension [Rule] {
  var allLists: Set<ListName> { Set(flatMap(\.listNames)) }

  func needs(_ direction: Direction) -> RuleNeeds {
    let from = contains { $0.matches.contains { $0.from?.lists.isEmpty == false } }
    let to = contains { $0.matches.contains { $0.to?.lists.isEmpty == false } }
    let socket = contains(where: \.asksForSockets)
    return direction == .in
      ? RuleNeeds(peer: from, local: to, socket: socket, hook: chooseForHook)
      : RuleNeeds(peer: to, local: from)
  }

  /// Whether the hook gets only the packets that they choose for it. Rules that are left behind others do not count.
  var chooseForHook: Bool {
    contains { $0.action == .hook && !$0.isMonitored && !$0.name.isLeft }
  }
}

extension aegis_stage {
  static let rules = AEGIS_STAGE_RULES.rawValue
  static let rulePeers = AEGIS_STAGE_RULE_PEERS.rawValue
  static let ruleLocals = AEGIS_STAGE_RULE_LOCALS.rawValue
  static let ruleSockets = AEGIS_STAGE_RULE_SOCKETS.rawValue
  static let ruleHooks = AEGIS_STAGE_RULE_HOOKS.rawValue
}

extension ListStore {
  /// The places that lists have among those that rules name. A list that has none is given one.
  ///
  /// - Parameter present: Those that rules in force name, in either direction.
  func numbersForRules(
    _ names: Set<ListName>, besides present: Set<ListName> = []
  ) throws(AegisError) -> [ListName: Int] {
    if names.isEmpty { return [:] }
    let rows = try listRows()
    let numbers = try listNumbers()
    var places: [ListName: Int] = [:]
    var missing: [ListName] = []
    var taken: Set<UInt32> = []
    for name in names.sorted() {
      guard let number = numbers[name], name != .manual else { throw .noList(name) }
      let place = rows[Int(number)].rule_list
      if place == 0 { missing.append(name) } else { places[name] = Int(place - 1) }
      taken.insert(place)
    }
    for name in present {
      if let number = numbers[name] { taken.insert(rows[Int(number)].rule_list) }
    }
    if missing.isEmpty { return places }
    var free = (1...AEGIS_RULE_LISTS).filter { place in
      !rows.contains { $0.rule_list == place }
    }
    if free.count < missing.count {
      // Those of lists that rules no longer name.
      for (number, row) in rows.enumerated()
      where row.rule_list != 0 && !taken.contains(row.rule_list) {
        var row = row
        free.append(row.rule_list)
        row.rule_list = 0
        try setList(row, at: UInt16(number))
      }
      try kernel { () throws(SystemError) in try GracePeriod.wait() }
    }
    for name in missing {
      guard let number = numbers[name], !free.isEmpty else {
        throw AegisError(.badInput, "rules can name no more than \(AEGIS_RULE_LISTS) lists")
      }
      var row = try listRows()[Int(number)]
      row.rule_list = free.removeFirst()
      try setList(row, at: number)
      places[name] = Int(row.rule_list - 1)
    }
    return places
  }
}
