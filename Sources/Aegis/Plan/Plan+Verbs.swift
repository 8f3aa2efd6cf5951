/// Plans for a single change, made from the parts of the policy that it affects.
extension Plan {
  public init(defaultAction: PolicyDefaults.Default, of datapath: Datapath) throws(AegisError) {
    var differences = PolicyDifferences()
    differences.defaultAction = .init(
      from: try PolicyDefaults(datapath).defaultAction(), to: defaultAction)
    self.init(differences)
  }

  public init(mode: PolicyDefaults.Mode, of datapath: Datapath) throws(AegisError) {
    var differences = PolicyDifferences()
    differences.mode = .init(from: try PolicyDefaults(datapath).mode(), to: mode)
    self.init(differences)
  }

  /// - Parameter addresses: nil removes the class.
  /// - Throws: `badInput` if another class claims some of it, or a class to be removed has a rate.
  public init(
    class name: ClassName, to addresses: AddressClass?, of datapath: Datapath
  ) throws(AegisError) {
    let present = try ClassTable(datapath).definitions()
    var policy = Policy()
    policy.classes = present
    policy.classes?[name] = addresses
    policy.rates = []
    for side in datapath.directions { policy.rates? += try RateTable(side).rules() }
    if addresses == nil, policy.rates?.contains(where: { $0.selector.className == name }) == true {
      throw AegisError(
        .badInput, "class \(name) has a rate",
        hint: "remove it first: aegisctl set-rate off --class \(name)")
    }
    try policy.checkClasses(besides: present)
    var differences = PolicyDifferences()
    differences.classes = PolicyDifferences.classes(from: present, to: policy.classes ?? [:])
    self.init(differences)
  }

  /// How rates change.
  public enum RatesEdit: Sendable {
    /// Sets rates; a rate of the same unit is replaced, and one of the other unit is kept.
    case set([RateRule])
    /// Removes both rates, of packets and of bytes.
    case remove(RateSelector, isTotal: Bool)
    case removeAll
  }

  /// - Parameter sourcePrefix: nil leaves it.
  public init(
    rates edit: RatesEdit = .set([]), sourcePrefix: Policy.SourcePrefix? = nil,
    of datapath: Datapath
  ) throws(AegisError) {
    let table = RateTable(datapath)
    let lengths = try table.sourcePrefix()
    let rules = try table.rules()
    let kept =
      switch edit {
      case .set(let new):
        rules.filter { rule in !new.contains { $0.slot == rule.slot } } + new
      case .remove(let selector, let isTotal):
        rules.filter { $0.selector != selector || $0.isTotal != isTotal }
      case .removeAll: [] as [RateRule]
      }
    if case .set(let new) = edit {
      for name in new.compactMap(\.selector.className) where name != .foreign {
        guard try ClassTable(datapath).definitions()[name] != nil else { throw .noClass(name) }
      }
    }
    var differences = PolicyDifferences()
    differences.sourcePrefix = .init(from: lengths, to: sourcePrefix ?? lengths)
    differences.rates = PolicyDifferences.rates(from: rules, to: kept)
    self.init(differences)
  }
}

/// What was requested for the entries of a list, and what it changes.
public struct ListPlan<Element: Hashable & Sendable>: Sendable {
  public let plan: Plan
  /// What each of the changes is about: the state of the entry before and after.
  public let differences: [Plan.Difference<Element>]
  /// Where they are not those of the differences.
  private let actions: [ChangeAction]?
  /// How many there are of each outcome.
  public let counts: [ChangeAction: Int]

  init(
    _ plan: Plan, _ differences: [Plan.Difference<Element>], actions: [ChangeAction]? = nil
  ) {
    self.plan = plan
    self.differences = differences
    self.actions = actions
    // Here, where the compiler knows the type of a million elements.
    counts = differences.indices.counted { actions?[$0] ?? differences[$0].action }
  }

  /// For entries of a list that does not exist.
  public init(removingNothing contents: ListContents<Element>) {
    self.init(.none, contents.elements.map { Plan.Difference($0, from: nil, to: nil) })
  }

  public var count: Int { differences.count }

  private func action(_ index: Int) -> ChangeAction { actions?[index] ?? differences[index].action }

  /// The outcome for each requested element, in that order, and then for those that are removed because nobody
  /// requested them. Made when they are asked for: a list may have a million.
  public var changes: some RandomAccessCollection<Change<Element>> {
    differences.indices.lazy.map { index in
      Change(differences[index].element, action(index))
    }
  }
}

extension Sequence {
  fileprivate func counted(_ action: (Element) -> ChangeAction) -> [ChangeAction: Int] {
    var counts: [ChangeAction: Int] = [:]
    // Neighbours mostly have the same.
    var (last, run) = (ChangeAction.unchanged, 0)
    for element in self {
      let action = action(element)
      if action != last {
        if run > 0 { counts[last, default: 0] += run }
        (last, run) = (action, 0)
      }
      run += 1
    }
    if run > 0 { counts[last, default: 0] += run }
    return counts
  }
}

extension Plan.Difference {
  var action: ChangeAction {
    switch (before, after) {
    case (nil, nil): .unchanged
    case (nil, _?): .added
    case (_?, nil): .removed
    case (let before?, let after?): before == after ? .unchanged : .updated
    }
  }
}
