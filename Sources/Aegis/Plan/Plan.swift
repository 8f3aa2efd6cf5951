/// What changes in a policy, and in which order.
///
/// At every step, each packet gets either the verdict that it had before or the one that it will have. The only
/// exceptions: if keys that have their own rates overlap other keys, a packet may briefly be held to the rate of another
/// key, or rule, of the two policies; if replies begin to pass while keys and rates change, to a rate of before; and if
/// an address moves to another class while the rate of its old class changes, to the new rate of that class.
public struct Plan: Sendable {
  /// Carried out one after the other. A killed call leaves some of them done, and a new plan no longer contains those.
  public enum Step: Sendable, Equatable {
    case mode(PolicyDefaults.Mode)
    case defaultAction(PolicyDefaults.Default)
    /// Whether replies to this host's own connections pass under deny.
    case replies(Bool)
    case sourcePrefix(Policy.SourcePrefix)
    /// The time from now by which the policy must be confirmed; nil removes the deadline.
    case deadline(Duration?)
    /// Defines classes that have no addresses yet.
    case nameClasses([ClassName])
    /// Changes which addresses classes have; a class that goes has none afterwards.
    case classes([ClassDifference])
    /// Removes classes that have neither addresses nor rates.
    case forgetClasses([ClassName])
    /// Applied in this order.
    case rates([RateDifference])
    /// Replaces all rules at once.
    case rules([Rule])
    /// Defines lists, or changes them.
    case lists([ListDifference])
    /// Removes lists that have no entries.
    case forgetLists([ListName])
    case putDrops([Difference<Prefix>], ListName)
    case removeDrops([Difference<Prefix>], ListName)
    /// Applied in this order.
    case putKeys([Difference<Policy.Key>])
    case removeKeys([Difference<Policy.Key>])
  }

  /// The state of an entry before and after.
  public struct Difference<Element: Hashable & Sendable>: Hashable, Sendable {
    public let element: Element
    /// nil if the entry does not exist.
    public let before: Policy.Conditions?
    public let after: Policy.Conditions?

    public init(_ element: Element, from before: Policy.Conditions?, to after: Policy.Conditions?) {
      self.element = element
      self.before = before
      self.after = after
    }

    var isNone: Bool { before == after }
  }

  /// The addresses of a class before and after; nil if there is no such class.
  public struct ClassDifference: Sendable, Equatable {
    public let name: ClassName
    public let before: AddressClass?
    public let after: AddressClass?

    init(_ name: ClassName, from before: AddressClass?, to after: AddressClass?) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// A list of drop entries before and after; nil if there is no such list.
  public struct ListDifference: Sendable, Equatable {
    public let name: ListName
    public let before: NamedList?
    public let after: NamedList?

    init(_ name: ListName, from before: NamedList?, to after: NamedList?) {
      self.name = name
      self.before = before
      self.after = after
    }
  }

  /// The rates of a selector before and after, for each source or in total: none, of packets, of bytes, or both.
  public struct RateDifference: Sendable, Equatable {
    public let selector: RateSelector
    public let isTotal: Bool
    public let before: [Rate]
    public let after: [Rate]

    /// Whether it is for several ports.
    var isOfGroup: Bool { selector.port?.isGroup == true }
  }

  public private(set) var steps: [Step]
  /// What changes for packets that leave; nil if the policy does not declare it.
  public var out: Plan? { other.first }
  /// A value cannot contain another one of its type.
  private var other: [Plan] = []
  /// The differences that are reported to an operator.
  let differences: PolicyDifferences
  /// Whether it was made from the whole policy, and not only from the parts that one change affects.
  let isWhole: Bool
  /// The number of declared things.
  private let wanted: Int
  /// The number of present rates, drops and keys that the declared lists do not contain, and that stay.
  public let remaining: Int

  public var isEmpty: Bool { steps.isEmpty && out?.isEmpty != false }

  /// Whether it applies a declared policy, instead of a single change by a command.
  var isDeclared: Bool { wanted > 0 }
}

extension Plan {
  /// - Parameters:
  ///   - current: The complete current policy.
  ///   - wanted: The declared policy.
  ///   - pruning: Whether declared lists become exactly as declared.
  /// - Throws: `badInput` if classes contradict each other, or a rate is for a class that does not exist.
  public init(from current: Policy, to wanted: Policy, pruning: Bool) throws(AegisError) {
    let target = current.merged(with: wanted, pruning: pruning)
    try target.checkClasses(besides: current.classes ?? [:])
    try target.checkLists(besides: current.lists ?? [:])
    try target.checkRules()
    try target.checkKeys()
    self.init(
      PolicyDifferences(from: current, to: target), isWhole: true, wanted: wanted.count,
      remaining: target.entriesBesides(wanted))
    // Entries of lists may leave too.
    guard let out = target.out, wanted.out != nil || wanted.lists != nil else { return }
    other = [
      Plan(
        PolicyDifferences(from: current.out ?? Policy(), to: out), isWhole: true,
        wanted: wanted.out?.count ?? 0)
    ]
  }

  init(
    _ differences: PolicyDifferences, isWhole: Bool = false, wanted: Int = 0, remaining: Int = 0
  ) {
    self.remaining = remaining
    self.differences = differences
    self.isWhole = isWhole
    self.wanted = wanted
    steps = PlanOrder(differences).steps
  }

  /// A plan that changes nothing.
  public static var none: Plan { Plan(PolicyDifferences()) }

  /// A plan that only sets or removes a deadline.
  public init(deadline: Duration?) {
    self.init(PolicyDifferences())
    steps = [.deadline(deadline)]
  }

  /// The same plan with a deadline as the first step, before any change that could cut somebody off.
  public func toBeConfirmed(within time: Duration) -> Plan {
    var plan = self
    plan.steps.insert(.deadline(time), at: 0)
    return plan
  }

  /// The same plan, with what changes for packets that leave.
  func with(out: Plan) -> Plan {
    var plan = self
    plan.other = [out]
    return plan
  }

  /// The same plan with its steps in another order.
  func with(_ steps: [Step]) -> Plan {
    var plan = self
    plan.steps = steps
    return plan
  }

  /// The same plan, with the deadline removed as the last step.
  public func confirmed() -> Plan {
    var plan = self
    plan.steps.append(.deadline(nil))
    return plan
  }
}

extension Plan {
  /// The steps before those of what leaves, and after them. Classes are named first and forgotten last, and what ends a
  /// time in which nothing is enforced comes last.
  var parts: (first: ArraySlice<Step>, last: ArraySlice<Step>) {
    let place = steps.firstIndex { step in
      switch step {
      case .forgetClasses, .forgetLists, .mode(.enforce), .deadline(nil): true
      default: false
      }
    }
    return (steps[..<(place ?? steps.endIndex)], steps[(place ?? steps.endIndex)...])
  }

  /// How many of the declared things are already in place.
  public var unchanged: Int {
    // A key that moves is declared once.
    let made = Item.Part.allCases.reduce(0) { sum, part in
      let counts = counts(of: part)
      return sum + counts[.added, default: 0] + counts[.changed, default: 0]
    }
    // An entry of a list for both directions is made twice.
    return max(0, wanted - made)
  }
}
