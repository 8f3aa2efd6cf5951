/// The steps from one policy to another.
///
/// What closes comes before what opens as far as the two ends differ: protected keys go in first and out last,
/// drops are added before keys and the default change and removed after, and keys are there before the default
/// becomes deny. Around a change of rates stand the keys that are held to them: what has a rate of its own goes
/// in before, what has none after, unless the default lets it in already.
struct PlanOrder {
  private let old: Policy
  private let new: Policy
  private let drops: (early: [Plan.Step], late: [Plan.Step])
  private let keys: ListDifferences<Policy.Key>
  private let rates: [Plan.RateChange]

  init(_ old: Policy, _ new: Policy, _ differences: PolicyDifferences) {
    self.old = old
    self.new = new
    drops = DropOrder(old, new, differences.drops).steps
    keys = differences.keys
    rates = differences.rates
  }

  private var denied: Bool { old.defaultAction == .deny }
  private var denies: Bool { new.defaultAction == .deny }

  var steps: [Plan.Step] {
    let plain = plainKeys
    let gone = goneKeys
    var steps: [Plan.Step] = []
    if new.mode != old.mode, new.mode == .monitor { steps.append(.mode(.monitor)) }
    steps.append(.putKeys(put((keys.added + keys.changed).filter(\.isProtected))))
    steps += drops.early
    steps.append(.putKeys(put(plain.early)))
    if denies, !denied { steps.append(.defaultAction(.deny)) }
    steps.append(.removeKeys(gone.early))
    if let lengths = new.sourcePrefix, lengths != old.sourcePrefix {
      steps.append(.sourcePrefix(lengths))
    }
    steps.append(.rates(rates))
    steps.append(.putKeys(put(plain.late)))
    if denied, !denies { steps.append(.defaultAction(.allow)) }
    steps.append(.removeKeys(gone.late))
    steps += drops.late
    steps.append(.removeKeys(keys.removed.filter(\.isProtected).sorted { $1 < $0 }))
    if new.mode != old.mode, new.mode == .enforce { steps.append(.mode(.enforce)) }
    return steps.filter { !$0.isEmpty }
  }

  /// To be put before the rates change, and after.
  private var plainKeys: (early: [Policy.Key], late: [Policy.Key]) {
    var early: [Policy.Key] = []
    var late: [Policy.Key] = []
    for key in keys.added where !key.isProtected {
      if new.keys?[key]?.rate != nil || !denied { early.append(key) } else { late.append(key) }
    }
    for key in keys.changed where !key.isProtected {
      if new.keys?[key]?.rate != nil { early.append(key) } else { late.append(key) }
    }
    return (early.sorted(), late.sorted())
  }

  /// To be removed before the rates change, and after. What a key lets in that is still to come stays let in.
  private var goneKeys: (early: [Policy.Key], late: [Policy.Key]) {
    let gone = keys.removed.filter { !$0.isProtected }.sorted { $1 < $0 }
    if !denies || rates.isEmpty { return ([], gone) }
    let coming = plainKeys.late
    let isEarly = gone.map { key in
      old.keys?[key]?.rate == nil && !coming.contains { $0.key.overlaps(key.key) }
    }
    let pairs = zip(gone, isEarly)
    return (pairs.filter(\.1).map(\.0), pairs.filter { !$0.1 }.map(\.0))
  }

  private func put(_ keys: [Policy.Key]) -> [Plan.Key] {
    keys.sorted().map { Plan.Key(key: $0, conditions: new.keys?[$0] ?? Policy.Conditions()) }
  }
}

extension Plan.Step {
  var isEmpty: Bool {
    switch self {
    case .mode, .defaultAction, .sourcePrefix: false
    case .rates(let changes): changes.isEmpty
    case .putDrops(let drops): drops.isEmpty
    case .removeDrops(let prefixes): prefixes.isEmpty
    case .putKeys(let keys): keys.isEmpty
    case .removeKeys(let keys): keys.isEmpty
    }
  }
}

extension Policy.Key: Comparable {
  /// In the order that the datapath looks for keys in, where the first that matches decides.
  public static func < (left: Policy.Key, right: Policy.Key) -> Bool {
    if left.isProtected != right.isProtected { return left.isProtected }
    let (one, other) = (left.key.rank, right.key.rank)
    return one == other ? left.key < right.key : one < other
  }
}

extension AllowKey {
  /// Whether there are packets that both name.
  func overlaps(_ other: AllowKey) -> Bool {
    if let port, let wanted = other.port, port != wanted { return false }
    if let `protocol`, let wanted = other.protocol, `protocol` != wanted { return false }
    guard let source, let wanted = other.source else { return true }
    return source.contains(wanted) || wanted.contains(source)
  }

  /// By protocol and port, protocol, port, neither; then any source, hosts, and prefixes with the longest first.
  fileprivate var rank: Int {
    let ports = (`protocol` == nil ? 2 : 0) + (port == nil ? 1 : 0)
    let kind = source.map { $0.isHost ? 1 : 2 + $0.address.width - $0.length } ?? 0
    return ports << 16 | kind
  }
}
