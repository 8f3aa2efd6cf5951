internal import CAegis
internal import Linux

extension Policy {
  /// Reads everything that a datapath holds now, without expired entries.
  public init(of datapath: Datapath) throws(AegisError) {
    try self.init(ofDirectionOf: datapath)
    mode = try PolicyDefaults(datapath).mode()
    replies = try PolicyDefaults(datapath).replies()
    sourcePrefix = try RateTable(datapath).sourcePrefix()
    classes = try ClassTable(datapath).definitions()
    lists = try ListTable(datapath).definitions()
    if try datapath[.out].exists { out = try Policy(ofDirectionOf: datapath[.out]) }
  }

  /// Reads what the directions do not share.
  public init(ofDirectionOf datapath: Datapath) throws(AegisError) {
    defaultAction = try PolicyDefaults(datapath).defaultAction()
    rates = try RateTable(datapath).rules()
    rules = try RuleTable(datapath).rules()
    drops = try Self.drops(of: datapath)
    for name in try ListTable(datapath).definitions().keys {
      listed[name] = try DropList(datapath, name).held()
    }
    keys = try Self.keys(of: datapath)
  }

  /// Reads only lists with their entries, each from a direction that it has.
  public init(
    listsOf datapath: Datapath, _ isMeant: (ListName, NamedList) -> Bool = { _, _ in true }
  ) throws(AegisError) {
    let lists = try ListTable(datapath).definitions().filter { isMeant($0.key, $0.value) }
    for (name, list) in lists {
      let side: Direction = list.directions == .out ? .out : .in
      listed[name] = try DropList(datapath[side], name).held()
    }
    self.lists = lists
  }

  /// The sources that are dropped now.
  public static func drops(of datapath: Datapath) throws(AegisError) -> [Prefix: Conditions] {
    try DropList(datapath).held()
  }

  /// The current allow keys.
  public static func keys(of datapath: Datapath) throws(AegisError) -> [Key: Conditions] {
    try KeyList(datapath).held()
  }
}

extension Policy {
  /// Removes the drop entries and keys that do not expire within `lifetime`.
  public mutating func keepOnly(expiringWithin lifetime: Duration) {
    let end = Clock.boottime(after: lifetime)
    let isKept = { (conditions: Conditions) in conditions.expires.map { $0 <= end } ?? false }
    drops = drops?.filter { isKept($0.value) }
    listed = listed.mapValues { $0.filter { isKept($0.value) } }
    keys = keys?.filter { isKept($0.value) }
    out?.keepOnly(expiringWithin: lifetime)
  }
}
