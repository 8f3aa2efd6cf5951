/// Everything that an operator can declare: the default action, the mode, classes, rates, rules, drop entries and
/// allow keys.
///
/// nil means that something is not declared: a change to such a policy leaves it unchanged. A policy that was read from
/// a datapath declares everything.
public struct Policy: Sendable, Equatable {
  public var defaultAction: PolicyDefaults.Default?
  /// Whether replies to this host's own connections pass under deny; only of packets that come in.
  public var replies: Bool?
  public var mode: PolicyDefaults.Mode?
  public var sourcePrefix: SourcePrefix?
  public var classes: [ClassName: AddressClass]?
  public var rates: [RateRule]?
  /// In their order.
  public var rules: [Rule]?
  /// The lists of drop entries, besides that of `drops`.
  public var lists: [ListName: NamedList]?
  /// The entries of lists, in this direction. Those of a list that is not here are not declared.
  public var listed: [ListName: [Prefix: Conditions]] = [:]
  /// The list `manual`.
  public var drops: [Prefix: Conditions]?
  public var keys: [Key: Conditions]?
  /// The same for packets that leave: the default action, rates, rules, drop entries and allow keys. The rest holds for both
  /// directions, and is not declared there.
  public var out: Policy? {
    get { other.first }
    set { other = newValue.map { [$0] } ?? [] }
  }
  /// A value cannot contain another one of its type.
  private var other: [Policy] = []

  public init() {}
}

extension Policy {
  /// What holds for the packets of a direction.
  func part(of direction: Direction) -> Policy {
    var part = self
    part.out = nil
    if direction == .in { return part }
    let own = out ?? Policy()
    (part.defaultAction, part.rates, part.rules) = (own.defaultAction, own.rates, own.rules)
    (part.drops, part.listed, part.keys) = (own.drops, own.listed, own.keys)
    part.replies = nil
    return part
  }
}

extension Policy {
  /// The number of leading bits of an address that identify a source.
  public struct SourcePrefix: Hashable, Sendable {
    public let v4: Int
    public let v6: Int

    public init(v4: Int, v6: Int) {
      self.v4 = v4
      self.v6 = v6
    }
  }

  /// An allow key and where it is stored; while a key moves it may be in both places.
  public struct Key: Hashable, Sendable {
    public let key: AllowKey
    public let isProtected: Bool

    public init(_ key: AllowKey, isProtected: Bool) {
      self.key = key
      self.isProtected = isProtected
    }

    /// The same key with the other protection.
    var other: Key { Key(key, isProtected: !isProtected) }
  }
}

extension Policy {
  /// The policy of a datapath that was just loaded.
  public static let initial: Policy = {
    var policy = Policy()
    policy.mode = .enforce
    policy.replies = false
    policy.sourcePrefix = SourcePrefix(v4: 32, v6: 64)
    policy.classes = [:]
    policy.lists = [:]
    policy.setInitialLists()
    policy.out = Policy()
    policy.out?.setInitialLists()
    return policy
  }()

  private mutating func setInitialLists() {
    defaultAction = .allow
    rates = []
    rules = []
    drops = [:]
    keys = [:]
  }

  /// The number of things that it declares.
  public var count: Int {
    let settings = [defaultAction != nil, replies != nil, mode != nil, sourcePrefix != nil]
      .count { $0 }
    return settings + (classes?.count ?? 0) + (rates?.count ?? 0) + (rules?.count ?? 0)
      + (lists?.count ?? 0)
      + listed.values.reduce(0) { $0 + $1.count } + (drops?.count ?? 0) + (keys?.count ?? 0)
      + (out?.count ?? 0)
  }

  /// Whether both are equal, except for less than a second of the expiry of entries.
  public func says(_ other: Policy) -> Bool {
    defaultAction == other.defaultAction && replies == other.replies && mode == other.mode
      && sourcePrefix == other.sourcePrefix && classes == other.classes
      && rates.map(Set.init) == other.rates.map(Set.init)
      && Self.says(rules, other.rules)
      && Self.says(lists, other.lists) && Self.says(listed, other.listed)
      && Self.says(drops, other.drops) && Self.says(keys, other.keys)
      && Self.says(out, other.out)
  }

  private static func says(_ one: Policy?, _ other: Policy?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.says(other)
  }

  static func says(_ one: [Rule]?, _ other: [Rule]?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.count == other.count && zip(one, other).allSatisfy { $0.says($1) }
  }

  private static func says(
    _ one: [ListName: NamedList]?, _ other: [ListName: NamedList]?
  ) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.count == other.count
      && one.allSatisfy { name, list in other[name].map(list.says) == true }
  }

  private static func says(
    _ one: [ListName: [Prefix: Conditions]], _ other: [ListName: [Prefix: Conditions]]
  ) -> Bool {
    Set(one.keys).union(other.keys).allSatisfy { says(one[$0] ?? [:], other[$0] ?? [:]) }
  }

  private static func says<Element>(
    _ one: [Element: Conditions]?, _ other: [Element: Conditions]?
  ) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return one.count == other.count
      && one.allSatisfy { element, conditions in other[element].map(conditions.says) == true }
  }
}
