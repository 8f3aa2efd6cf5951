internal import CAegis
internal import Linux

extension Policy {
  /// Reads everything that a datapath holds now, without expired entries.
  public init(of datapath: Datapath) throws(AegisError) {
    let limits = PolicyDefaults(datapath)
    let rates = RateTable(datapath)
    defaultAction = try limits.defaultAction()
    mode = try limits.mode()
    sourcePrefix = try rates.sourcePrefix()
    classes = try ClassTable(datapath).definitions()
    self.rates = try rates.rules()
    drops = try Self.drops(of: datapath)
    keys = try Self.keys(of: datapath)
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
    keys = keys?.filter { isKept($0.value) }
  }
}
