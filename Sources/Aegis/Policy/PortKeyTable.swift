internal import BPF
internal import CAegis
internal import Linux

/// The allow keys of several ports: a set such as rules have, which packets are matched with that no other key lets in.
/// Each change replaces it.
final class PortKeyTable: KeyStore {
  typealias Element = Policy.Key

  let contents = "allow keys of several ports"
  let option: String? = nil
  /// nil for a host's keys, which are in its memory.
  private let datapath: Datapath?

  /// The most that there can be.
  static let most = RuleCompiler.most

  init(_ datapath: Datapath?) {
    self.datapath = datapath
  }

  private func rows() throws(SystemError) -> [RuleSource.Row] {
    guard let datapath else { return [] }
    return try RuleSet.portKeys.rows(datapath).filter { $0.key != nil }
  }

  /// Checks that changes can be made, one step after the other. Whether there is room is not checked.
  ///
  /// - Throws: `badInput` if the datapath cannot tell so many ports or addresses apart.
  func check(_ steps: [[Plan.Difference<Policy.Key>]]) throws(AegisError) {
    guard let datapath, !steps.isEmpty else { return }
    var rows = try all()
    for step in steps {
      for change in step {
        rows.lay(change.after == nil ? nil : aegis_entry(), for: change.element.key)
      }
      if rows.count <= Self.most { try RuleCompiler.check(rows, datapath.direction) }
    }
  }

  /// The rows, expired or not.
  private func all() throws(AegisError) -> [RuleSource.Row] {
    try kernel { () throws(SystemError) in try rows() }
  }

  /// The key of each number.
  func names() throws(AegisError) -> [UInt16: AllowKey] {
    RuleSource(try all()).keys
  }

  func entries(of elements: [Element]) throws(SystemError) -> [Element: aegis_entry] {
    Dictionary(try entries(), uniquingKeysWith: { one, _ in one })
  }

  func entries() throws(SystemError) -> [(Element, aegis_entry)] {
    let rows = try rows()
    guard let datapath, !rows.isEmpty else { return [] }
    let counters = try counters(of: datapath)
    return try rows.map { row throws(SystemError) in
      var entry = row.entry
      for cpu in try counters?.values(at: UInt32(row.number)) ?? [] {
        entry.hits += cpu.matched.packets
      }
      return (row.element, entry)
    }
  }

  /// nil for a saved policy.
  private func counters(
    of datapath: Datapath
  ) throws(SystemError) -> PerCPUMap<aegis_rule_counters>? {
    do {
      return try RuleTable(datapath).counters()
    } catch {
      guard error.isAbsence else { throw error }
      return nil
    }
  }

  func isEmpty() throws(SystemError) -> Bool { try rows().isEmpty }

  func count() throws(SystemError) -> Int { try rows().count }

  func room() throws(SystemError) -> Int { Self.most }

  func liveCount(at now: UInt64) throws(SystemError) -> Int {
    try rows().count { !$0.rule.isExpired(at: now) }
  }

  func expired(at now: UInt64) throws(SystemError) -> ExpiredKeys {
    var expired: ExpiredKeys = ([], nil)
    for row in try rows() {
      if row.rule.isExpired(at: now) {
        expired.entries.append((row.element, row.entry))
      } else if let end = row.rule.expires {
        expired.next = min(expired.next ?? end, end)
      }
    }
    return expired
  }

  func put(_ entries: [(Element, aegis_entry)]) throws(AegisError) -> Bool {
    guard let datapath, !entries.isEmpty else { return true }
    var rows = try all()
    let count = rows.count
    var taken: Set<UInt16> = []
    for view in try datapath.profileViews where view.profile != datapath.profile {
      taken.formUnion(try PortKeyTable(view).all().map(\.number))
    }
    for (element, entry) in entries { rows.lay(entry, for: element.key, besides: taken) }
    if rows.count > Self.most { return false }
    let new = rows[count...].map(\.number)
    try RuleTable(datapath).clear(new)
    try RuleSet.portKeys.replace(with: rows.inOrder, of: datapath)
    return true
  }

  @discardableResult
  func remove(_ elements: [Element]) throws(AegisError) -> Int {
    let gone = Set(elements.map(\.key))
    let rows = try all()
    let left = rows.filter { row in !(row.key.map(gone.contains) ?? false) }
    guard let datapath, left.count < rows.count else { return 0 }
    try RuleSet.portKeys.replace(with: left, of: datapath)
    return rows.count - left.count
  }

  func lay(
    _ entry: aegis_entry?, of element: Element, over host: HostDatapath,
    _ config: inout aegis_config
  ) throws(AegisError) {
    try host.lay(entry, ofPortKey: element.key, &config)
  }
}

extension [RuleSource.Row] {
  /// Adds a key, changes it, or removes it. A new one is the last, under a number that no other one has.
  ///
  /// - Parameter taken: The numbers of those of other profiles.
  mutating func lay(
    _ entry: aegis_entry?, for key: AllowKey, besides taken: Set<UInt16> = []
  ) {
    guard let entry else { return removeAll { $0.key == key } }
    let index = firstIndex { $0.key == key } ?? count
    if index == count {
      let used = taken.union(map(\.number))
      let numbers = UInt16(AEGIS_RULE_NUMBERS)..<UInt16(AEGIS_MATCH_NUMBERS)
      // There are twice as many as there can be keys of one profile; with more, some share their hits.
      append(
        RuleSource.Row(key, number: numbers.first { !used.contains($0) } ?? numbers.lowerBound))
    }
    self[index].rule.expires = entry.expires == 0 ? nil : entry.expires
    self[index].rate = entry.rate
    self[index].note = entry.note
  }

  /// As the datapath looks for them: the first one that matches decides.
  var inOrder: [RuleSource.Row] {
    sorted { $0.element < $1.element }
  }
}

extension RuleSource.Row {
  /// The key; the row must be of one.
  var element: Policy.Key { Policy.Key(key!, isProtected: false) }

  /// Without hits.
  fileprivate var entry: aegis_entry {
    var entry = aegis_entry.new(
      expires: rule.expires ?? 0, protected: false, monitored: false,
      prefixLength: key?.source?.length ?? 0)
    (entry.rate, entry.note) = (rate, note)
    return entry
  }
}

extension Policy.Key {
  /// - Throws: `badInput` if it is protected and has several ports.
  func check() throws(AegisError) {
    guard isProtected, key.hasSeveralPorts else { return }
    throw AegisError(
      .badInput, "a protected key has one port or none, and \(key) has several",
      hint: "protect a key for each port")
  }
}

extension Policy {
  /// - Throws: As ``Key/check()``.
  func checkKeys() throws(AegisError) {
    for direction in Direction.allCases {
      for key in (part(of: direction).keys ?? [:]).keys where key.isProtected { try key.check() }
    }
  }
}
