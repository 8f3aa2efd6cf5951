internal import CAegis
internal import CHost
internal import Glibc
internal import Linux

/// The datapath's own code in this process, with maps in memory that may overlay those of a loaded datapath.
///
/// It must be used by one thread at a time.
final class HostDatapath {
  /// Which packets it judges.
  let direction: Direction
  /// Whose settings, rates, rules and keys are laid over those below.
  private(set) var profile: Profile
  private let host: OpaquePointer
  /// The maps that are read for keys that were not put here.
  private let below: PinnedMaps?
  /// A table that was laid over what is below; the host reads its nodes.
  private var geo: [UnsafeMutableBufferPointer<UInt32>] = []
  /// The same of the drop list, by family.
  private var drops: [PrefixTable?] = [nil, nil]
  /// The sets of rules, keys and ports that were laid over what is below, by their places.
  private var sets: [UInt32: UnsafeMutableRawPointer] = [:]
  /// The rows of the other sets that were laid over those below.
  private var rows: [RuleSet: [RuleSource.Row]] = [:]
  /// The sets of these that must be made before they are used.
  private var stale: Set<RuleSet> = []

  /// With empty maps.
  convenience init(_ direction: Direction = .in) throws(AegisError) {
    try self.init(direction, below: nil)
  }

  /// Over a loaded datapath, which is read on demand and not changed.
  convenience init(over datapath: Datapath) throws(AegisError) {
    try datapath.checkIsOwn()
    try self.init(datapath.direction, below: PinnedMaps(of: datapath))
  }

  private init(_ direction: Direction, below: PinnedMaps?) throws(AegisError) {
    self.direction = direction
    profile = below?.datapath.profile ?? .main
    let context = below.map { Unmanaged.passUnretained($0).toOpaque() }
    guard let host = aegis_host_make(below == nil ? nil : PinnedMaps.lookUp, context) else {
      throw Self.failure(-ENOMEM)
    }
    self.host = host
    self.below = below
  }

  deinit {
    aegis_host_free(host)
    for nodes in geo { nodes.deallocate() }
    for set in sets.values { set.deallocate() }
  }

  /// Overlays a value on the present one.
  func put<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ value: Value, for key: Key, in map: aegis_map
  ) throws(AegisError) {
    precondition(MemoryLayout<Key>.size == Int(map.row.key_size), map.name)
    precondition(MemoryLayout<Value>.size == Int(map.row.value_size), map.name)
    let result = withUnsafePointer(to: key) { key in
      withUnsafePointer(to: value) { aegis_host_put(host, map, key, $0) }
    }
    if result < 0 { throw Self.failure(result) }
  }

  /// Overlays the absence of a value on the present one.
  func remove<Key: BitwiseCopyable>(_ key: Key, in map: aegis_map) throws(AegisError) {
    let result = withUnsafePointer(to: key) { aegis_host_remove(host, map, $0) }
    if result < 0 { throw Self.failure(result) }
  }

  /// The value of exactly this key; nil if there is none.
  func value<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    of key: Key, in map: aegis_map
  ) throws(AegisError) -> Value? {
    try read(key, in: map, by: aegis_host_value)
  }

  /// The value of the longest matching prefix in a trie; nil if there is none.
  func longest<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key, in map: aegis_map
  ) throws(AegisError) -> Value? {
    try read(key, in: map, by: aegis_host_look_up)
  }

  /// The configuration of its profile.
  func config() throws(AegisError) -> aegis_config {
    let common = try config(of: .main)
    return profile.isMain ? common : common.with(own: try config(of: profile))
  }

  private func config(of profile: Profile) throws(AegisError) -> aegis_config {
    try value(of: profile.number, in: AEGIS_MAP_config) ?? aegis_config()
  }

  /// Lays a configuration over that of its profile.
  func put(_ config: aegis_config) throws(AegisError) {
    if profile.isMain { return try put(config, for: profile.number, in: AEGIS_MAP_config) }
    let main = try self.config(of: .main)
    try put(config.with(own: main), for: Profile.main.number, in: AEGIS_MAP_config)
    try put(config.own, for: profile.number, in: AEGIS_MAP_config)
  }

  /// Continues with another profile.
  func turn(to profile: Profile) throws(AegisError) {
    if profile == self.profile { return }
    try makeSets()
    rows = [:]
    self.profile = profile
  }

  /// Judges packets by its profile, whichever is in force, except those of interfaces that name one.
  func force() throws(AegisError) {
    guard below != nil else { return }
    var config = try config()
    if profile.isMain, config.stages & aegis_stage.profiles == 0 { return }
    config.stages |= aegis_stage.profiles | aegis_stage.configured
    try put(config)
    var head: aegis_profile =
      try value(of: Profile.main.number, in: AEGIS_MAP_profiles) ?? aegis_profile()
    head.in_force = ProfileTable.word(profile)
    try put(head, for: Profile.main.number, in: AEGIS_MAP_profiles)
  }

  /// Uses a table of countries in place of the present one, or none.
  func lay(_ table: GeoTable?) throws(AegisError) {
    for nodes in geo { nodes.deallocate() }
    geo = []
    for (index, trie) in [table?.v4, table?.v6].enumerated() {
      var nodes = aegis_host_nodes()
      if let trie, !trie.isEmpty {
        let copy = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: trie.words.count)
        _ = copy.initialize(from: trie.words)
        geo.append(copy)
        nodes = aegis_host_nodes(copy.baseAddress!, bytes: trie.memory)
      }
      aegis_host_put_inner(host, AEGIS_MAP_geo, UInt32(index), nodes)
    }
    // Its values would be those of the present table; without them the nodes are asked.
    beginAnew(AEGIS_MAP_geo_root, entries: AEGIS_GEO_TABLES * AEGIS_GEO_ROOT_PARTS)
    var config = try config()
    config.geo = table == nil ? 0 : 1
    try put(config)
  }

  /// Changes the drop list of a family.
  ///
  /// - Parameters:
  ///   - count: Of the changes that add or change an entry.
  ///   - list: The number of the list that it is about.
  func lay(
    isIPv6: Bool, putting count: Int, list: UInt16, _ config: inout aegis_config,
    _ each: PrefixTable.Changes
  ) throws(AegisError) {
    let store = isIPv6 ? 1 : 0
    var table = drops[store]
    if table == nil { table = try present(isIPv6: isIPv6)?.copy() }
    let isMost = PrefixTable.isMost(count, besides: table)
    if isMost || table?.change(adding: count, list: list, each) == false
      || (table == nil && count > 0)
    {
      let items = PrefixItems(of: table, isIPv6: isIPv6, adding: count, list: list, each)
      table = try PrefixTable.build(
        items, room: PrefixTable.room(for: items.items.count, grows: !isMost))
    }
    guard let table else { return }
    drops[store] = table
    let pin = InnerPin(slot: 0, isIPv6: isIPv6)
    try put(table.head.pointee, for: pin.index, in: AEGIS_MAP_drop_head)
    aegis_host_put_inner(host, AEGIS_MAP_drop, pin.index, table.nodes)
    config.setDropSlot(pin.slot, isIPv6: isIPv6)
    if table.count > 0 { config.stages |= DropList.stage(store) }
  }

  /// Replaces the rules.
  ///
  /// - Parameter names: Receives the packets that each rate is for.
  func lay(
    _ new: [Rule], _ config: inout aegis_config, _ names: inout [UInt32: String],
    placing place: (inout aegis_rates, Rule) throws(AegisError) -> Void = {
      _, _ throws(AegisError) in
    }
  ) throws(AegisError) {
    var rows: [RuleSource.Row] = []
    for (number, rule) in new.enumerated() {
      var row = RuleSource.Row(rule: rule, number: UInt16(number), rate: 0)
      if case .limit(let rate?, let isTotal) = rule.action {
        var rates = try KeyRates.rates(rate, isTotal: isTotal)
        try place(&rates, rule)
        try put(rates, for: rates.id, in: AEGIS_MAP_key_rate)
        row.rate = rates.id
        names[rates.id] = "rule \(rule.name)"
      }
      rows.append(row)
    }
    if RuleSet.rules.slot(config) == nil, rows.isEmpty { return }
    try put(config)
    var numbers = RuleNumbers()
    numbers.classes = try classNumbers()
    numbers.lists = try numbersForRules(new.allLists)
    for slot in 0..<AEGIS_SLOTS {
      let interface: aegis_interface? = try value(of: slot, in: AEGIS_MAP_interfaces)
      if let interface, interface.ifindex != 0 {
        numbers.interfaces[CText.read(interface.name)] = slot
      }
    }
    try put(rows, numbers, as: .rules)
    config.setRules(rows.isEmpty ? nil : 0, profile.number, new.needs(direction))
    if new.contains(where: \.namesClasses) { config.set(aegis_stage.classes, true) }
  }

  /// Gives interfaces slots, as attaching them would.
  ///
  /// - Returns: Whether any of them had none.
  func seat(_ interfaces: Set<UInt32>) throws(AegisError) -> Bool {
    var isNew = false
    for ifindex in interfaces {
      var free: UInt32?
      var isSeated = false
      for slot in Slots.candidates(for: ifindex) {
        let present: aegis_interface? = try value(of: slot, in: AEGIS_MAP_interfaces)
        if present?.ifindex == ifindex { isSeated = true }
        if present?.ifindex ?? 0 == 0 { free = free ?? slot }
      }
      guard !isSeated, let free, let name = Interface.name(of: ifindex) else { continue }
      var interface = aegis_interface()
      interface.ifindex = ifindex
      CText.write(name, to: &interface.name)
      try put(interface, for: free, in: AEGIS_MAP_interfaces)
      isNew = true
    }
    return isNew
  }

  /// Gives interfaces the profiles of these numbers, by their indexes.
  func assign(_ profiles: [UInt32: UInt32]) throws(AegisError) {
    for (ifindex, profile) in profiles {
      for slot in Slots.candidates(for: ifindex) {
        let present: aegis_interface? = try value(of: slot, in: AEGIS_MAP_interfaces)
        guard var interface = present, interface.ifindex == ifindex else { continue }
        interface.profile = profile
        try put(interface, for: slot, in: AEGIS_MAP_interfaces)
      }
    }
  }

  private func put(
    _ rows: [RuleSource.Row], _ numbers: RuleNumbers, as kind: RuleSet
  ) throws(AegisError) {
    let set = UnsafeMutableRawPointer.allocate(byteCount: RuleCompiler.bytes, alignment: 64)
    set.initializeMemory(as: UInt8.self, repeating: 0, count: RuleCompiler.bytes)
    do {
      try RuleCompiler.compile(rows, direction, numbers, into: set)
    } catch {
      set.deallocate()
      throw error
    }
    set.setRuleSource(RuleSource(rows).text)
    aegis_host_put_inner(
      host, AEGIS_MAP_rules, kind.pin(0, profile.number).index,
      aegis_host_nodes(set, bytes: RuleCompiler.bytes))
    sets.updateValue(set, forKey: kind.pin(0, profile.number).index)?.deallocate()
  }

  /// Adds a key of several ports, or removes it.
  func lay(
    _ entry: aegis_entry?, ofPortKey key: AllowKey, _ config: inout aegis_config
  ) throws(AegisError) {
    var rows = try rows(of: .portKeys)
    rows.lay(entry, for: key)
    guard rows.count <= PortKeyTable.most else {
      throw AegisError(
        .failed, "there can be no more than \(PortKeyTable.most) allow keys of several ports")
    }
    lay(rows.inOrder, as: .portKeys, &config)
  }

  private func lay(
    _ rows: [RuleSource.Row], as kind: RuleSet, _ config: inout aegis_config
  ) {
    self.rows[kind] = rows
    stale.insert(kind)
    kind.set(rows.isEmpty ? nil : 0, profile.number, in: &config)
  }

  private func rows(of kind: RuleSet) throws(AegisError) -> [RuleSource.Row] {
    if let laid = rows[kind] { return laid }
    guard let view = below?.datapath[profile: profile] else { return [] }
    return try kernel { () throws(SystemError) in try kind.rows(view) }
  }

  private func makeSets() throws(AegisError) {
    for kind in stale { try put(rows[kind] ?? [], RuleNumbers(), as: kind) }
    stale = []
  }

  /// The groups of ports that rates are for.
  func portGroups() throws(AegisError) -> PortGroups {
    PortGroups(try rows(of: .portGroups))
  }

  /// Gives several ports that a rate is for a group.
  func addGroup(
    of port: RateSelector.Port, _ config: inout aegis_config
  ) throws(AegisError) {
    var groups = try portGroups()
    if try groups.add(port) { lay(groups.rows, as: .portGroups, &config) }
  }

  /// The name of each number of rules that were laid over those of the datapath; nil if none were.
  func ruleNames() -> [UInt16: RuleName]? {
    sets[RuleSet.rules.pin(0, profile.number).index].map {
      RuleSource(parsing: $0.ruleSource[...], rates: [:]).names
    }
  }

  /// The key of several ports of each number.
  func portKeyNames() throws(AegisError) -> [UInt16: AllowKey] {
    RuleSource(try rows(of: .portKeys)).keys
  }

  /// The drop list of a family by which it judges; nil if there is none.
  func drops(isIPv6: Bool) throws(AegisError) -> PrefixTable? {
    if let own = drops[isIPv6 ? 1 : 0] { return own }
    return try present(isIPv6: isIPv6)
  }

  /// The longest entry that drops all addresses of a prefix, or the host; nil if there is none.
  func drop(of whole: Prefix) throws(AegisError) -> Prefix? {
    let table = try drops(isIPv6: whole.address.width == 128)
    return table?.decides(
      on: whole, at: Clock.boottime(), try listRules(), among: (0...whole.length).reversed())?
      .prefix
  }

  private func present(isIPv6: Bool) throws(AegisError) -> PrefixTable? {
    guard let below, let slot = try config().dropSlot(isIPv6: isIPv6) else { return nil }
    return try kernel { () throws(SystemError) in
      try below.drops(InnerPin(slot: slot, isIPv6: isIPv6))
    }
  }

  /// The country of an address by the table in force, and the place of the file that says so; nil if it is unknown.
  func country(
    of address: IPAddress
  ) throws(AegisError) -> (country: CountryCode, file: Int)? {
    var octets = address.octets
    let family = address.width == 32 ? AEGIS_FAMILY_V4 : AEGIS_FAMILY_V6
    let result = aegis_host_country(host, UInt8(family.rawValue), &octets)
    try check(result)
    let code = UInt16(truncatingIfNeeded: result)
    guard let country = CountryCode(rawValue: code & CountryCode.mask), country != .unknown else {
      return nil
    }
    return (country, Int(code >> UInt16(AEGIS_GEO_CODE_BITS)))
  }

  private func read<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ key: Key, in map: aegis_map,
    by look: (OpaquePointer?, aegis_map, UnsafeRawPointer?) -> UnsafeRawPointer?
  ) throws(AegisError) -> Value? {
    let value = withUnsafePointer(to: key) { look(host, map, $0)?.loadUnaligned(as: Value.self) }
    try check(aegis_host_error(host))
    return value
  }

  private func check(_ result: Int32) throws(AegisError) {
    if result < 0 { throw below?.takeFailure() ?? Self.failure(result) }
  }

  /// Makes the next query read the loaded maps again.
  func forget() {
    aegis_host_forget(host)
    below?.forgetTables()
  }

  /// Hides all entries of a loaded map; an array has this many values, all zero.
  func beginAnew(_ map: aegis_map, entries: UInt32) {
    aegis_host_begin_anew(host, map, entries)
  }

  /// Runs a frame through the datapath as it would run in the kernel; nothing is counted.
  ///
  /// - Parameters:
  ///   - ifindex: The interface that it comes in by, as recorded in a slot; 0 for none of these.
  ///   - linear: The number of its bytes that a driver would place in the linear part; nil for all.
  ///   - moment: The time of the packet.
  ///   - charges: Whether to use this object's own buckets, which the packet is charged to.
  ///   - assumed: The number of the class that its address is taken to have; 0 for its own.
  ///   - socket: What it has to do with the sockets of this host. Of a packet that leaves, `established` means that it
  ///     belongs to a connection that this host accepted.
  func judge(
    _ frame: [UInt8], on ifindex: UInt32 = 0, linear: Int? = nil, at moment: PolicyProbe.Moment,
    charges: Bool, assumed: UInt32 = 0, socket: SocketState = .none
  ) throws(AegisError) -> Judgement {
    try makeSets()
    var trace = aegis_trace()
    trace.now = moment.monotonic
    trace.boot = moment.boottime
    trace.charges = charges ? 1 : 0
    trace.assumed = assumed
    let result = frame.withUnsafeBufferPointer { bytes in
      var frame = aegis_host_frame()
      frame.bytes = bytes.baseAddress
      frame.length = UInt32(bytes.count)
      frame.linear = UInt32(linear ?? bytes.count)
      frame.ifindex = ifindex
      frame.leaves = direction == .out ? 1 : 0
      frame.socket = UInt8(socket.number)
      return aegis_host_judge(host, &frame, Processes.currentCPU, &trace)
    }
    try check(result)
    return Judgement(trace)
  }

  private static func failure(_ result: Int32) -> AegisError {
    AegisError(SystemError(operation: "judge", subject: "the frame", errno: -result))
  }
}
