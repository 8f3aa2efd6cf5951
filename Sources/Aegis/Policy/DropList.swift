internal import CAegis
internal import Linux

/// The sources whose packets are dropped: hosts and prefixes, in a table for each family. Entries belong to lists, and
/// those of one list are meant.
public struct DropList: PolicyList {
  typealias Element = Prefix

  let datapath: Datapath
  let list: EntryList<Prefix>
  let tables: [DropTable]

  /// The list `manual`.
  public init(_ datapath: Datapath) {
    self.init(datapath, .manual, number: UInt16(AEGIS_LIST_MANUAL))
  }

  /// - Throws: `badInput` if there is no such list.
  public init(_ datapath: Datapath, _ name: ListName) throws(AegisError) {
    guard let list = try Self.find(name, in: datapath) else { throw .noList(name) }
    self = list
  }

  /// For a plan that defines the list if there is none.
  init(planning datapath: Datapath, _ name: ListName) throws(AegisError) {
    self =
      try Self.find(name, in: datapath)
      ?? DropList(datapath, name, number: .max, isOver: true)
  }

  /// nil if there is no such list.
  private static func find(
    _ name: ListName, in datapath: Datapath
  ) throws(AegisError) -> DropList? {
    if name == .manual { return DropList(datapath) }
    let rows = try ListTable(datapath).listRows()
    guard let number = rows.firstIndex(where: { ListName($0) == name }) else { return nil }
    let isOver = ListRules(rows).isOver(UInt16(number), at: Clock.boottime())
    return DropList(datapath, name, number: UInt16(number), isOver: isOver)
  }

  /// - Parameters:
  ///   - name: Of the list.
  ///   - isOver: Whether it has expired, and with it all its entries.
  private init(_ datapath: Datapath, _ name: ListName, number: UInt16, isOver: Bool = false) {
    self.datapath = datapath
    self.name = name
    self.number = number
    tables = [false, true].map {
      DropTable(datapath, isIPv6: $0, list: number, isOver: isOver)
    }
    list = EntryList(tables)
  }

  /// The list.
  let name: ListName
  let number: UInt16

  /// The sources that are dropped now, in order of address.
  public func entries() throws(AegisError) -> [Entry<Prefix>] { try live() }

  static func home(of prefix: Prefix) -> Int { prefix.address.width == 32 ? 0 : 1 }

  static func isAnnounced(_ store: Int, in config: aegis_config) -> Bool {
    config.stages & stage(store) != 0
  }

  /// The bit that says that a family has entries.
  static func stage(_ store: Int) -> UInt32 {
    (store == 0 ? AEGIS_STAGE_DROP_V4 : AEGIS_STAGE_DROP_V6).rawValue
  }

  func recount(_ config: inout aegis_config) throws(AegisError) {
    for store in 0..<list.storeCount where Self.isAnnounced(store, in: config) {
      if try list.isEmpty(store) { config.stages &= ~Self.stage(store) }
    }
  }

  func liveCount(_ store: Int) throws(AegisError) -> Int {
    let rules = try ListTable(datapath).listRules()
    let now = Clock.boottime()
    return try kernel { () throws(SystemError) in
      try tables[store].liveCount(at: now, rules)
    }
  }

  func sweep(_ store: Int, at now: UInt64) throws(AegisError) -> (count: Int, next: UInt64?) {
    let rules = try ListTable(datapath).listRules()
    let swept = try kernel { () throws(SystemError) in try tables[store].sweep(at: now, rules) }
    return (swept.count, [swept.next, rules.nextEnd(after: now)].compactMap { $0 }.min())
  }

  /// The number of entries of each list, without expired ones.
  public func countsByList() throws(AegisError) -> [ListName: Int] {
    let lists = ListTable(datapath)
    let rules = try lists.listRules()
    let now = Clock.boottime()
    var counts: [UInt16: Int] = [:]
    for table in tables {
      counts.merge(
        try kernel { () throws(SystemError) in try table.liveCounts(at: now, rules) },
        uniquingKeysWith: +)
    }
    let names = try lists.names()
    return Dictionary(
      uniqueKeysWithValues: names.map { number, name in (name, counts[number] ?? 0) })
  }

  /// The number of entries of each family, without expired ones, in any list.
  public func counts() throws(AegisError) -> (v4: Int, v6: Int) {
    let counts = try liveCounts()
    return (counts[0], counts[1])
  }
}

extension DropList: InnerTables {
  func differing() throws(AegisError) -> [InnerPin] {
    try DropPlace(datapath).differing(among: used)
  }

  func mend(_ pin: InnerPin) throws(AegisError) { try DropPlace(datapath).mend(pin) }

  /// Puts copies of its tables in the same slots of another place.
  func copy(to place: DropPlace) throws(AegisError) {
    for drops in tables {
      guard let slot = try Settings.read(datapath).dropSlot(isIPv6: drops.isIPv6),
        let table = try drops.table()
      else { continue }
      try place.put(table, at: InnerPin(slot: slot, isIPv6: drops.isIPv6))
    }
  }

  var inner: InnerMaps { DropPlace(datapath).inner }

  var used: [InnerPin] {
    get throws(AegisError) {
      let config = try Settings.read(datapath)
      return InnerPin.all.filter { config.dropSlot(isIPv6: $0.isIPv6) == $0.slot }
    }
  }
}

extension aegis_config {
  /// The slot of the table of the drop list that is in force; nil if there has been no entry yet.
  func dropSlot(isIPv6: Bool) -> UInt32? {
    let number = isIPv6 ? drop_v6 : drop_v4
    return 1...AEGIS_PREFIX_SLOTS ~= number ? number - 1 : nil
  }

  mutating func setDropSlot(_ slot: UInt32, isIPv6: Bool) {
    if isIPv6 { drop_v6 = slot + 1 } else { drop_v4 = slot + 1 }
  }
}
