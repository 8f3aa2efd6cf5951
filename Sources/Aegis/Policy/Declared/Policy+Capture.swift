internal import CAegis
internal import Linux

extension Policy {
  /// All that a datapath holds now, without what has expired.
  public init(of datapath: Datapath) throws(AegisError) {
    let limits = Limits(datapath)
    let rates = RateTable(datapath)
    let lengths = try rates.sourcePrefix()
    defaultAction = try limits.defaultAction()
    mode = try limits.mode()
    sourcePrefix = SourcePrefix(v4: lengths.v4, v6: lengths.v6)
    self.rates = try rates.rules()
    drops = try Self.drops(of: datapath)
    keys = try Self.keys(of: datapath)
  }

  /// What is dropped now.
  public static func drops(of datapath: Datapath) throws(AegisError) -> [Prefix: Conditions] {
    var drops: [Prefix: Conditions] = [:]
    for (prefix, entry, conditions) in try DropList(datapath).held() {
      drops[prefix] = conditions
      drops[prefix]?.isMonitored = entry.isMonitored
    }
    return drops
  }

  /// The allow keys there are now.
  public static func keys(of datapath: Datapath) throws(AegisError) -> [Key: Conditions] {
    var keys: [Key: Conditions] = [:]
    for (key, entry, conditions) in try KeyList(datapath).held() {
      keys[Key(key, isProtected: entry.isProtected)] = conditions
    }
    return keys
  }
}

extension Policy {
  /// Leaves out the drop entries and keys that do not end so soon.
  public mutating func keepOnly(expiringWithin lifetime: Duration) {
    let end = Clock.boottime(after: lifetime)
    let isKept = { (conditions: Conditions) in conditions.expires.map { $0 <= end } ?? false }
    drops = drops?.filter { isKept($0.value) }
    keys = keys?.filter { isKept($0.value) }
  }
}

extension PolicyList {
  /// What has not expired, in no order.
  fileprivate func held() throws(AegisError) -> [(Element, aegis_entry, Policy.Conditions)] {
    let now = Clock.boottime()
    let all = try list.all()
    let notes = all.contains { $0.entry.note != 0 } ? try Notes(datapath).all() : [:]
    let rates = all.contains { $0.entry.rate != 0 } ? try KeyRates.all(datapath) : [:]
    return all.compactMap { element, entry, _ in
      if entry.isExpired(at: now) { return nil }
      let conditions = Policy.Conditions(
        expires: entry.expires == 0 ? nil : entry.expires, note: notes[entry.note],
        rate: rates[entry.rate])
      return (element, entry, conditions)
    }
  }
}
