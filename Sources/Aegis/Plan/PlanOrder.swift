/// The steps from one policy to another.
///
/// Steps that close come before steps that open, as far as the two policies differ: protected keys are added first and
/// removed last; drops are added before keys and the default change, and removed after; keys are added before the
/// default becomes deny. The change of rates is placed between the keys that depend on it: a key with its own rate is
/// added before, a key without one after, unless the default already lets its packets in. A class gets its rate before
/// its addresses, and loses it after them, together with the more specific rates that had hidden it.
struct PlanOrder {
  private typealias Keys = [Plan.Difference<Policy.Key>]

  private let differences: PolicyDifferences
  private let protected: [Plan.Difference<Policy.Key>]
  private let plain: [Plan.Difference<Policy.Key>]
  private let drops: [(list: ListName, order: DropOrder)]
  private let lists: ListOrder

  init(_ differences: PolicyDifferences) {
    self.differences = differences
    let keys = differences.keys.filter { !$0.isNone }.sorted { $0.element < $1.element }
    protected = keys.filter(\.element.isProtected)
    plain = keys.filter { !$0.element.isProtected }
    drops = differences.drops.map { (list: $0.list, order: DropOrder($0.entries)) }
    lists = ListOrder(differences.lists)
  }

  private var denied: Bool { differences.defaultAction.before == .deny }
  private var denies: Bool { differences.defaultAction.after == .deny }

  var steps: [Plan.Step] {
    let put = plainKeys
    let gone = goneKeys(before: put.late.map(\.element.key))
    let mode = differences.mode.change
    var steps: [Plan.Step] = []
    if mode == .monitor { steps.append(.mode(.monitor)) }
    steps.append(.putKeys(protected.filter { $0.after != nil }))
    steps.append(.lists(lists.closing))
    steps.append(.nameClasses(differences.classes.filter { $0.before == nil }.map(\.name)))
    for (list, order) in drops { steps.append(.putDrops(order.closing, list)) }
    steps.append(.putKeys(put.early))
    let rules = ruleSteps
    if let early = rules.early { steps.append(.rules(early)) }
    let replies = repliesStep(put.late, gone.early)
    if let early = replies.early { steps.append(.replies(early)) }
    if denies, !denied { steps.append(.defaultAction(.deny)) }
    steps.append(.removeKeys(gone.early))
    if let lengths = differences.sourcePrefix.change { steps.append(.sourcePrefix(lengths)) }
    let removed = Set(differences.classes.filter { $0.after == nil }.map(\.name))
    let isLast = { (change: Plan.RateDifference) in
      change.selector.className.map(removed.contains)
        ?? (!removed.isEmpty && change.after.isEmpty && change.selector != .rest)
    }
    steps.append(.rates(differences.rates.filter { !isLast($0) }))
    steps.append(.classes(differences.classes))
    steps.append(.rates(differences.rates.filter(isLast)))
    steps.append(.putKeys(put.late))
    if denied, differences.defaultAction.change != nil { steps.append(.defaultAction(.allow)) }
    if let late = replies.late { steps.append(.replies(late)) }
    // A key that goes must not let in what the rules left behind keep from it.
    steps.append(.removeKeys(gone.late))
    if let late = rules.late { steps.append(.rules(late)) }
    steps.append(.forgetClasses(removed.sorted()))
    steps.append(.lists(lists.opening))
    for (list, order) in drops { steps.append(.putDrops(order.opening, list)) }
    for (list, order) in drops { steps.append(.removeDrops(order.gone, list)) }
    steps.append(.forgetLists(lists.gone))
    steps.append(.removeKeys(protected.filter { $0.after == nil }.reversed()))
    if mode == .enforce { steps.append(.mode(.enforce)) }
    return steps.filter { !$0.isEmpty }
  }

  /// The rules to set before keys and the default change, and after. If these change too, the rules before stay behind
  /// the new ones meanwhile: what only they let in, a key or the default may let in afterwards. The hook gets all
  /// packets as long as the rules of one end do not choose.
  private var ruleSteps: (early: [Rule]?, late: [Rule]?) {
    guard let after = differences.rules.change else { return (nil, nil) }
    let isAlone =
      plain.isEmpty && differences.defaultAction.change == nil
      && differences.replies.change == nil
    if isAlone { return (after, nil) }
    let before = differences.rules.before ?? []
    var early = before.chooseForHook ? after : after.notYetChoosing
    let left = before.left(behind: early, choosing: after.chooseForHook)
    if early.count + left.count <= Policy.mostRules { early += left }
    if early == after { return (after, nil) }
    return (early == before ? nil : early, after)
  }

  /// Whether replies pass, to change before the rates and after. What keys let in that go before the rates, or come
  /// after them, a reply may be too.
  private func repliesStep(_ coming: Keys, _ going: Keys) -> (early: Bool?, late: Bool?) {
    guard let pass = differences.replies.change else { return (nil, nil) }
    let isEarly = !denied || (pass ? !going.isEmpty : denies && coming.isEmpty)
    return isEarly ? (pass, nil) : (nil, pass)
  }

  /// Keys to add before the rates change, and after.
  private var plainKeys: (early: Keys, late: Keys) {
    split(plain.filter { $0.after != nil }) { key in
      key.after?.rate != nil || key.before == nil && !denied
    }
  }

  /// Keys to remove before the rates change, and after. What a key lets in that a later key will also let in stays
  /// allowed.
  private func goneKeys(before coming: [AllowKey]) -> (early: Keys, late: Keys) {
    let gone = Keys(plain.filter { $0.after == nil }.reversed())
    if !denies || differences.rates.isEmpty { return ([], gone) }
    let sources = coming.compactMap(\.source)
    let (isNamed, index) = (sources.count == coming.count, PrefixIndex(sources))
    return split(gone) { gone in
      let key = gone.element.key
      if gone.before?.rate != nil { return false }
      // Searching all of them for each key takes too long for a long list.
      if isNamed, let source = key.source, !index.overlaps(source) { return true }
      return !coming.contains { $0.overlaps(key) }
    }
  }

  private func split(_ keys: Keys, _ isEarly: (Keys.Element) -> Bool) -> (early: Keys, late: Keys) {
    (keys.filter(isEarly), keys.filter { !isEarly($0) })
  }
}

/// Drops in the order in which they change; within each group the order does not matter. A monitored drop affects no
/// packet.
private struct DropOrder {
  /// Drops to add before anything opens.
  let closing: [Plan.Difference<Prefix>]
  /// Enforced drops that become monitored.
  let opening: [Plan.Difference<Prefix>]
  let gone: [Plan.Difference<Prefix>]

  init(_ drops: [Plan.Difference<Prefix>]) {
    let put = drops.only { $0.after != nil && !$0.isNone }
    closing = put.only { !$0.opens }
    opening = put.only(\.opens)
    gone = drops.only { $0.after == nil && $0.before != nil }
  }
}

/// Lists in the order in which they change.
private struct ListOrder {
  /// New ones, and those that drop more than before, or as much.
  let closing: [Plan.ListDifference]
  let opening: [Plan.ListDifference]
  let gone: [ListName]

  init(_ lists: [Plan.ListDifference]) {
    let put = lists.filter { $0.after != nil }
    closing = put.filter { !$0.opens }
    opening = put.filter(\.opens)
    gone = lists.filter { $0.after == nil }.map(\.name)
  }
}

extension [Rule] {
  /// The same under names by which they do not choose packets for the hook.
  fileprivate var notYetChoosing: [Rule] {
    map { rule in
      guard rule.action == .hook, !rule.isMonitored, let other = RuleName(before: rule.name) else {
        return rule
      }
      var rule = rule
      rule.name = other
      return rule
    }
  }

  /// Those that decide, under other names, as far as they differ from new ones.
  ///
  /// - Parameter choosing: Whether the new ones choose packets for the hook; if not, neither do these.
  fileprivate func left(behind new: [Rule], choosing: Bool) -> [Rule] {
    var names = Set(new.map(\.name))
    return filter { $0.decides && !new.contains($0) }.compactMap { rule in
      var rule = rule
      let isRenamed = names.contains(rule.name) || rule.action == .hook && !choosing
      if isRenamed, !rule.name.isLeft {
        guard let other = RuleName(before: rule.name) else { return nil }
        rule.name = other
      }
      return names.insert(rule.name).inserted ? rule : nil
    }
  }
}

extension Rule {
  fileprivate var decides: Bool { !isMonitored && (action.isFinal || action == .hook) }
}

extension Plan.ListDifference {
  /// Whether its entries no longer drop anything.
  fileprivate var opens: Bool { before?.isEnforced == true && after?.isEnforced == false }
}

extension Plan.Difference<Prefix> {
  /// Whether it no longer drops anything, but still exists.
  var opens: Bool { after?.isMonitored == true && before?.isMonitored == false }
}

extension Plan.Step {
  var isEmpty: Bool {
    switch self {
    case .mode, .defaultAction, .replies, .sourcePrefix, .deadline: false
    case .nameClasses(let names), .forgetClasses(let names): names.isEmpty
    case .classes(let changes): changes.isEmpty
    case .rates(let changes): changes.isEmpty
    case .rules: false
    case .lists(let changes): changes.isEmpty
    case .forgetLists(let names): names.isEmpty
    case .putDrops(let drops, _), .removeDrops(let drops, _): drops.isEmpty
    case .putKeys(let keys): keys.isEmpty
    case .removeKeys(let keys): keys.isEmpty
    }
  }
}

extension Policy.Key: Comparable {
  /// In the order in which the datapath looks for keys; the first match decides.
  public static func < (left: Policy.Key, right: Policy.Key) -> Bool {
    if left.isProtected != right.isProtected { return left.isProtected }
    if left.key.isFound(before: right.key) { return true }
    return left.key < right.key && !right.key.isFound(before: left.key)
  }
}

extension AllowKey {
  /// Whether there are packets that both name.
  func overlaps(_ other: AllowKey) -> Bool {
    if let ports, let wanted = other.ports, !ports.overlaps(wanted) { return false }
    if let `protocol`, let wanted = other.protocol, `protocol` != wanted { return false }
    guard let source, let wanted = other.source else { return true }
    return source.contains(wanted) || wanted.contains(source)
  }

  /// Whether it names all packets of another key.
  func covers(_ other: AllowKey) -> Bool {
    if let ports, !(other.ports.map(ports.contains) ?? false) { return false }
    if let `protocol`, `protocol` != other.protocol { return false }
    guard let source else { return true }
    return other.source.map(source.contains) ?? false
  }

  /// Whether the datapath uses it for a packet that both name: by protocol and port, protocol, port, neither, as enum
  /// aegis_key_ports has it, and then those of several ports; any source, hosts, and prefixes with the longest first.
  func isFound(before other: AllowKey) -> Bool { rank < other.rank }

  private var rank: (ports: Int, source: Int, count: Int) {
    let ports =
      (hasSeveralPorts ? 4 : 0) + (`protocol` == nil ? 2 : 0) + (self.ports == nil ? 1 : 0)
    let kind = source.map { $0.isHost ? 1 : 2 + $0.address.width - $0.length } ?? 0
    return (ports, kind, self.ports?.numbers.count ?? 0)
  }
}
