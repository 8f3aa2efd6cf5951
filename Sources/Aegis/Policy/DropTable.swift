internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The drop list of one family: a table of prefixes in one of two slots, of which the configuration names the one in
/// force.
///
/// A call that is killed leaves the table that was in force, or the new one; what the other slot holds is garbage, which
/// the next call removes.
final class DropTable: EntryStore {
  let contents: String
  let option: String? = "--max-drops"
  let isIPv6: Bool
  /// The number of the list whose entries are meant; the table has those of all.
  private let list: UInt16
  /// Whether the list has expired, and with it all its entries.
  private let isOver: Bool
  private let datapath: Datapath

  init(_ datapath: Datapath, isIPv6: Bool, list: UInt16 = 0, isOver: Bool = false) {
    self.datapath = datapath
    self.isIPv6 = isIPv6
    self.list = list
    self.isOver = isOver
    contents = isIPv6 ? "IPv6 entries" : "IPv4 entries"
  }

  private var place: DropPlace { DropPlace(datapath) }

  /// The table in force, for reading; nil if there has been no entry yet.
  func table() throws(AegisError) -> PrefixTable? {
    try kernel { () throws(SystemError) in try open(forWriting: false) }
  }

  private func open(forWriting isWritable: Bool) throws(SystemError) -> PrefixTable? {
    if datapath.origin.abi < 6 { return try Migration.drops(of: datapath, isIPv6: isIPv6) }
    if let known = datapath.openMaps?.drops(isIPv6: isIPv6) { return known }
    // Who holds the lock may change it later.
    let isWritable = isWritable || datapath.openMaps != nil
    let slot = { [isIPv6] (config: aegis_config) in config.dropSlot(isIPv6: isIPv6) }
    return try datapath.inForce(slot) { number throws(SystemError) in
      let table = try place.open(
        InnerPin(slot: number, isIPv6: isIPv6), forWriting: isWritable)
      datapath.openMaps?.set(drops: table, isIPv6: isIPv6)
      return table
    }
  }

  func entries(of elements: [Prefix]) throws(SystemError) -> [Prefix: aegis_entry] {
    guard !isOver, let table = try open(forWriting: false) else { return [:] }
    var found: [Prefix: aegis_entry] = [:]
    for element in elements {
      if let (members, hits) = table.value(of: element), let record = members.of(list) {
        found[element] = aegis_entry(record, hits: hits, of: element)
      }
    }
    return found
  }

  func entries() throws(SystemError) -> [(Prefix, aegis_entry)] {
    guard !isOver, let table = try open(forWriting: false) else { return [] }
    let records = table.allMembers.map { $0.of(list) }
    var all: [(Prefix, aegis_entry)] = []
    all.reserveCapacity(table.count)
    table.visit { item, hits in
      // Who has the lock may add entries with new records meanwhile.
      guard Int(item.record) < records.count, let record = records[Int(item.record)] else { return }
      let prefix = Prefix(item, isIPv6: isIPv6)
      all.append((prefix, aegis_entry(record, hits: hits, of: prefix)))
    }
    return all
  }

  /// The entries of all lists.
  func count() throws(SystemError) -> Int { try open(forWriting: false)?.count ?? 0 }

  func isEmpty() throws(SystemError) -> Bool { try count() == 0 }

  /// How many of these have no entry in any list.
  func absent(of elements: some Sequence<Prefix>) throws(SystemError) -> Int {
    let table = try open(forWriting: false)
    return elements.count { table?.value(of: $0) == nil }
  }

  /// The first of these whose lists are as described.
  func first(
    of elements: some Sequence<Prefix>, where isMeant: (PrefixMembers) -> Bool
  ) throws(SystemError) -> Prefix? {
    guard let table = try open(forWriting: false) else { return nil }
    return elements.first { table.value(of: $0).map { isMeant($0.members) } ?? false }
  }

  /// The entries of all lists that have not expired.
  func liveCount(at now: UInt64, _ rules: ListRules) throws(SystemError) -> Int {
    guard let table = try open(forWriting: false) else { return 0 }
    let isLive = table.allMembers.map { $0.contains { !rules.isExpired($0, at: now) } }
    var count = 0
    table.visit { item, _ in
      if Int(item.record) < isLive.count, isLive[Int(item.record)] { count += 1 }
    }
    return count
  }

  /// How many entries each list has that have not expired, by number.
  func liveCounts(at now: UInt64, _ rules: ListRules) throws(SystemError) -> [UInt16: Int] {
    guard let table = try open(forWriting: false) else { return [:] }
    var uses = [Int](repeating: 0, count: Int(table.headValue.records_used))
    table.visit { item, _ in
      if Int(item.record) < uses.count { uses[Int(item.record)] += 1 }
    }
    var counts: [UInt16: Int] = [:]
    for (number, uses) in uses.enumerated() where uses > 0 {
      for member in table.members(of: UInt32(number)) where !rules.isExpired(member, at: now) {
        counts[member.list, default: 0] += uses
      }
    }
    return counts
  }

  /// What all lists say of an entry.
  func members(of prefix: Prefix) throws(SystemError) -> (members: PrefixMembers, hits: UInt64)? {
    try open(forWriting: false)?.value(of: prefix)
  }

  /// The notes of all lists' entries.
  func notes() throws(SystemError) -> Set<UInt32> {
    guard let table = try open(forWriting: false) else { return [] }
    return Set(table.allMembers.joined().map(\.note))
  }

  /// Removes the expired entries of all lists.
  ///
  /// - Returns: How many, and the earliest expiry among the rest.
  func sweep(
    at now: UInt64, _ rules: ListRules
  ) throws(SystemError) -> (count: Int, next: UInt64?) {
    guard let table = try open(forWriting: true) else { return (0, nil) }
    let count = table.sweep(at: now, rules)
    return (count, table.allMembers.joined().map(\.expires).filter { $0 > now }.min())
  }

  func room() throws(SystemError) -> Int { Int(datapath.origin.drops) }

  @discardableResult
  func remove(_ elements: [Prefix]) throws(AegisError) -> Int {
    try kernel { () throws(SystemError) in try take(elements) }
  }

  private func take(_ elements: [Prefix]) throws(SystemError) -> Int {
    guard let table = try open(forWriting: true) else { return 0 }
    var (count, left) = (0, [] as [Prefix])
    for element in elements {
      switch table.remove(element, from: list) {
      case .full: left.append(element)
      case let change: count += change == .changed ? 1 : 0
      }
    }
    if left.isEmpty { return count }
    // They stay in other lists, whose records have no room.
    let items = PrefixItems(of: table, isIPv6: isIPv6, adding: 0, list: list) { change in
      for element in left { change(element, nil) }
    }
    do {
      try replace(table, with: items, room: PrefixTable.room(for: items.items.count, grows: true))
    } catch {
      throw SystemError(operation: "build", subject: contents, errno: ENOMEM)
    }
    return count + left.count
  }

  /// Adds entries, or changes those that are there, which keep their hits.
  ///
  /// - Parameters:
  ///   - new: How many of them are not there yet.
  ///   - each: Called again if they do not fit in the table.
  func put(
    _ count: Int, new: Int, _ each: PrefixTable.Changes
  ) throws(AegisError) {
    let table = try kernel { () throws(SystemError) in try open(forWriting: true) }
    let isMost = PrefixTable.isMost(new, besides: table)
    if let table, !isMost, table.change(adding: new, list: list, each) { return }
    let items = PrefixItems(of: table, isIPv6: isIPv6, adding: count, list: list, each)
    try replace(table, with: items, room: PrefixTable.room(for: items.items.count, grows: !isMost))
  }

  /// Puts a table in force in place of the present one.
  private func replace(
    _ old: PrefixTable?, with list: PrefixItems, room: Int
  ) throws(AegisError) {
    let place = place
    let past = try Settings.read(datapath).dropSlot(isIPv6: isIPv6)
    let pin = InnerPin(slot: past == 0 ? 1 : 0, isIPv6: isIPv6)
    let new: PrefixTable
    let moved: [UInt64]
    do {
      new = try place.make(list, room: room, at: pin)
      moved = old?.copyHits(to: new) ?? []
    } catch {
      try? place.inner.clear([pin])
      throw error
    }
    try Settings.change(datapath) { $0.setDropSlot(pin.slot, isIPv6: isIPv6) }
    datapath.openMaps?.set(drops: new, isIPv6: isIPv6)
    guard let old, let past else { return }
    try kernel { () throws(SystemError) in
      try GracePeriod.wait()
      old.copyHits(to: new, since: moved)
      try place.inner.clear([InnerPin(slot: past, isIPv6: isIPv6)])
    }
  }
}

/// Where the tables of a drop list are, in a generation or in a saved policy.
struct DropPlace {
  let inner: InnerMaps
  /// The pin of `drop_head`.
  private let heads: String

  /// - Parameters:
  ///   - root: Below it are the pins of the tables.
  ///   - directory: Where the maps of the direction are pinned.
  init(_ root: PinRoot, _ direction: Direction, in directory: String) {
    inner = InnerMaps(
      outer: AEGIS_MAP_drop.pin(in: directory), directory: root.drops(direction))
    heads = AEGIS_MAP_drop_head.pin(in: directory)
  }

  init(_ datapath: Datapath) {
    self.init(datapath.root, datapath.direction, in: datapath.directory)
  }

  func open(_ pin: InnerPin, forWriting isWritable: Bool) throws(SystemError) -> PrefixTable {
    let array = try MappedArray(
      pinnedAt: inner.path(of: pin), valueSize: PrefixTable.elementSize, forWriting: isWritable)
    let table = PrefixTable(
      isIPv6: pin.isIPv6, in: PrefixTable.Memory(elements: array.memory, owner: array))
    guard table.isOf(bytes: array.bytes.count) else {
      throw SystemError(operation: "use map", subject: inner.path(of: pin), errno: EINVAL)
    }
    follow(table, at: pin)
    return table
  }

  /// Puts a copy of a table in a slot that is not in force.
  func put(_ table: PrefixTable, at pin: InnerPin) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let array = try MappedInnerArray(table.size)
      array.memory.copyMemory(from: table.elements, byteCount: table.size)
      try put(array, at: pin)
    }
  }

  /// Builds a table in a slot that is not in force.
  func make(
    _ list: PrefixItems, room: Int = 0, at pin: InnerPin
  ) throws(AegisError) -> PrefixTable {
    let table = try PrefixTable.build(list, room: room) { bytes throws(AegisError) in
      try kernel { () throws(SystemError) in
        let array = try MappedInnerArray(bytes)
        return PrefixTable.Memory(elements: array.memory, owner: array)
      }
    }
    try kernel { () throws(SystemError) in
      guard let array = table.owner as? MappedInnerArray else { return }
      try put(array, at: pin)
    }
    follow(table, at: pin)
    return table
  }

  private func put(_ array: MappedInnerArray, at pin: InnerPin) throws(SystemError) {
    try inner.clear([pin])
    try set(array.memory.load(as: aegis_prefix_head.self), at: pin)
    try inner.put(array.map, at: pin)
  }

  private func follow(_ table: PrefixTable, at pin: InnerPin) {
    table.tellAlways = { [heads] bit in
      guard let values = try? MappedValues<aegis_prefix_head>(pinnedAt: heads) else { return false }
      let always = values.get(Self.always, at: Int(pin.index))
      values.set(Self.always, at: Int(pin.index), to: always | bit)
      return true
    }
  }

  private static let always = FieldPlace(\aegis_prefix_head.always)

  private func set(_ head: aegis_prefix_head, at pin: InnerPin) throws(SystemError) {
    try MappedValues<aegis_prefix_head>(pinnedAt: heads).set(head, at: Int(pin.index))
  }

  /// Tables in force of which the datapath has another map than the one that is pinned, or another head.
  func differing(among used: [InnerPin]) throws(AegisError) -> [InnerPin] {
    var differing = try inner.differing(among: used)
    for pin in used where !differing.contains(pin) {
      let isSame = try kernel { () throws(SystemError) in
        let head = try MappedValues<aegis_prefix_head>(pinnedAt: heads).value(at: Int(pin.index))
        return try open(pin, forWriting: false).headValue.isRead(like: head)
      }
      if !isSame { differing.append(pin) }
    }
    return differing
  }

  /// Makes the pin, the datapath's map and its head the same again.
  func mend(_ pin: InnerPin) throws(AegisError) {
    try kernel { () throws(SystemError) in
      try inner.mend(pin)
      try set(open(pin, forWriting: false).headValue, at: pin)
    }
  }
}

extension MappedInnerArray {
  /// - Parameter bytes: Of the elements of a table.
  fileprivate convenience init(_ bytes: Int) throws(SystemError) {
    try self.init(
      named: "aegis_drop", count: bytes / PrefixTable.elementSize,
      valueSize: PrefixTable.elementSize)
  }
}

extension aegis_prefix_head {
  /// Whether the datapath reads the same of both.
  fileprivate func isRead(like other: aegis_prefix_head) -> Bool {
    var (one, other) = (self, other)
    (one.count, one.removed) = (other.count, other.removed)
    (one.records_used, one.entries_used) = (other.records_used, other.entries_used)
    (one.free_entry, one.blocks_used) = (other.free_entry, other.blocks_used)
    return isIdentical(one, other)
  }
}
