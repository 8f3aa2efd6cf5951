internal import CAegis
internal import Linux

extension Policy {
  /// All that a datapath holds now, without what has expired.
  public init(of datapath: Datapath) throws(AegisError) {
    let limits = PolicyDefaults(datapath)
    let rates = RateTable(datapath)
    defaultAction = try limits.defaultAction()
    mode = try limits.mode()
    sourcePrefix = try rates.sourcePrefix()
    self.rates = try rates.rules()
    drops = try Self.drops(of: datapath)
    keys = try Self.keys(of: datapath)
  }

  /// What is dropped now.
  public static func drops(of datapath: Datapath) throws(AegisError) -> [Prefix: Conditions] {
    try DropList(datapath).held()
  }

  /// The allow keys there are now.
  public static func keys(of datapath: Datapath) throws(AegisError) -> [Key: Conditions] {
    try KeyList(datapath).held()
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
