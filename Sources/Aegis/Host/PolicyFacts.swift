internal import CAegis
internal import Linux

/// What a policy contains besides the data that the datapath reads: names, notes and lifetimes.
protocol PolicyFacts {
  /// The details of a drop entry; only its name if the entry no longer exists.
  ///
  /// - Parameter list: The number of the list that decided.
  func matched(_ prefix: Prefix, list: UInt16) throws(AegisError) -> MatchedEntry

  /// What lists have that contains an address, the longest first.
  func holders(of address: IPAddress) throws(AegisError) -> [ListHolding]

  func matched(_ key: AllowKey, protected: Bool) throws(AegisError) -> MatchedEntry

  /// All keys, including protected ones.
  func keys() throws(AegisError) -> [AllowKey]

  /// The rules in their order, with the numbers that the datapath knows them by.
  func rules() throws(AegisError) -> [(number: UInt16, rule: Rule)]

  /// The keys of several ports, by the numbers that the datapath knows them by.
  func portKeys() throws(AegisError) -> [UInt16: AllowKey]

  /// The packets that each rate is for, by the number that identifies buckets.
  func rateNames() throws(AegisError) -> [UInt32: String]

  /// The files that countries come from, by their place in the table.
  func geoFiles() throws(AegisError) -> [GeoTable.Source]
}

/// The facts of the loaded policy.
struct LoadedFacts: PolicyFacts {
  let datapath: Datapath

  func matched(_ prefix: Prefix, list: UInt16) throws(AegisError) -> MatchedEntry {
    let lists = ListTable(datapath)
    let name = try lists.names()[list] ?? .manual
    let home = DropList.home(of: prefix)
    let entry = try DropList(datapath, name).list.present([prefix], in: home)[prefix]
    let matched = try matched("\(prefix)", entry)
    return matched.of(name, try lists.definitions()[name])
  }

  func holders(of address: IPAddress) throws(AegisError) -> [ListHolding] {
    let lists = ListTable(datapath)
    guard try lists.isUsed,
      let table = try DropList(datapath).tables[address.width == 32 ? 0 : 1].table()
    else { return [] }
    return table.holders(
      of: address, at: Clock.boottime(), try lists.listRules(), try lists.names())
  }

  func matched(_ key: AllowKey, protected: Bool) throws(AegisError) -> MatchedEntry {
    let place = Policy.Key(key, isProtected: protected)
    let home = KeyList.home(of: place)
    var entry = try KeyList(datapath).list.present([place], in: home)[place]
    // The keys of main hold in every profile.
    if entry == nil, !datapath.profile.isMain {
      entry = try KeyList(datapath[profile: .main]).list.present([place], in: home)[place]
    }
    return try matched("\(key)", entry)
  }

  private func matched(_ name: String, _ entry: aegis_entry?) throws(AegisError) -> MatchedEntry {
    var note: Note?
    if let entry, entry.note != 0 { note = try Notes(datapath).all()[entry.note] }
    return MatchedEntry(
      name: name, note: note,
      remaining: entry.flatMap { $0.remaining(at: Clock.boottime()) },
      isMonitored: entry?.isMonitored ?? false)
  }

  func keys() throws(AegisError) -> [AllowKey] {
    let now = Clock.boottime()
    let views = datapath.profile.isMain ? [datapath] : [datapath, datapath[profile: .main]]
    var keys: [AllowKey] = []
    for view in views {
      keys += try KeyList(view).list.all().filter { !$0.entry.isExpired(at: now) }
        .map(\.element.key)
    }
    return keys
  }

  func rules() throws(AegisError) -> [(number: UInt16, rule: Rule)] {
    try RuleTable(datapath).source().rows.map { ($0.number, $0.rule) }
  }

  func portKeys() throws(AegisError) -> [UInt16: AllowKey] {
    var names = try PortKeyTable(datapath).names()
    if !datapath.profile.isMain {
      names.merge(try PortKeyTable(datapath[profile: .main]).names()) { one, _ in one }
    }
    return names
  }

  func rateNames() throws(AegisError) -> [UInt32: String] { try RateTable(datapath).names() }

  func geoFiles() throws(AegisError) -> [GeoTable.Source] {
    try GeoStore(datapath).facts()?.files ?? []
  }
}

extension PolicyImage: PolicyFacts {
  func matched(_ prefix: Prefix, list: UInt16) throws(AegisError) -> MatchedEntry {
    let name = try host.listNumbers().first { $0.value == list }?.key ?? .manual
    let entries = name == .manual ? policy.drops : policy.listed[name]
    return MatchedEntry(name: "\(prefix)", conditions: entries?[prefix])
      .of(name, policy.lists?[name])
  }

  func holders(of address: IPAddress) throws(AegisError) -> [ListHolding] {
    let numbers = try host.listNumbers()
    guard numbers.count > 1, let table = try host.drops(isIPv6: address.width == 128) else {
      return []
    }
    return table.holders(
      of: address, at: Clock.boottime(), try host.listRules(),
      Dictionary(uniqueKeysWithValues: numbers.map { ($1, $0) }))
  }

  func matched(_ key: AllowKey, protected: Bool) -> MatchedEntry {
    MatchedEntry(
      name: "\(key)", conditions: policy.keys?[Policy.Key(key, isProtected: protected)])
  }

  func keys() -> [AllowKey] { policy.keys?.keys.map(\.key) ?? [] }

  /// They are numbered in their order.
  func rules() -> [(number: UInt16, rule: Rule)] {
    (policy.rules ?? []).enumerated().map { (UInt16($0.offset), $0.element) }
  }

  func portKeys() throws(AegisError) -> [UInt16: AllowKey] { try host.portKeyNames() }

  func rateNames() -> [UInt32: String] { names }

  func geoFiles() -> [GeoTable.Source] { geo?.sources ?? [] }
}

extension MatchedEntry {
  /// The same as of a list, whose expiry and monitoring hold for all its entries.
  fileprivate func of(_ name: ListName, _ list: NamedList?) -> MatchedEntry {
    let now = Clock.boottime()
    let end = list?.expires.map { Duration.nanoseconds(Int64(clamping: $0 - min($0, now))) }
    var matched = MatchedEntry(
      name: self.name, note: note, remaining: [remaining, end].compactMap { $0 }.min(),
      isMonitored: isMonitored || (list?.isMonitored ?? false))
    matched.list = name
    return matched
  }

  fileprivate init(name: String, conditions: Policy.Conditions?) {
    let now = Clock.boottime()
    self.init(
      name: name, note: conditions?.note,
      remaining: conditions?.expires.map { .nanoseconds(Int64(clamping: $0 - min($0, now))) },
      isMonitored: conditions?.isMonitored ?? false)
  }
}
