/// What changes in a policy, and in which order.
///
/// Whichever step it is at, each packet gets the verdict that it had before or the one that it will have. Only
/// where keys that have rates of their own overlap others may a packet for an instant be held to the rate of
/// another key, or rule, of the two policies.
public struct Plan: Sendable {
  /// Made one after the other; a killed call leaves some of them, which a new plan then lacks.
  public enum Step: Sendable, Equatable {
    case mode(PolicyDefaults.Mode)
    case defaultAction(PolicyDefaults.Default)
    case sourcePrefix(Policy.SourcePrefix)
    /// By when the policy is to be confirmed, from now on; nil takes the deadline away.
    case deadline(Duration?)
    /// In this order.
    case rates([RateDifference])
    case putDrops([Difference<Prefix>])
    case removeDrops([Difference<Prefix>])
    /// In this order.
    case putKeys([Difference<Policy.Key>])
    case removeKeys([Difference<Policy.Key>])
  }

  /// What an entry is and what it becomes.
  public struct Difference<Element: Hashable & Sendable>: Hashable, Sendable {
    public let element: Element
    /// nil if it is not there.
    public let before: Policy.Conditions?
    public let after: Policy.Conditions?

    public init(_ element: Element, from before: Policy.Conditions?, to after: Policy.Conditions?) {
      self.element = element
      self.before = before
      self.after = after
    }

    var isNone: Bool { before == after }
  }

  /// The rates for each source, or in all, that a selector has and is to have: none, of packets, of bytes, or both.
  public struct RateDifference: Sendable, Equatable {
    public let selector: RateSelector
    public let isTotal: Bool
    public let before: [Rate]
    public let after: [Rate]
  }

  public private(set) var steps: [Step]
  /// What an operator is told of.
  let differences: PolicyDifferences
  /// Whether it was made from all that there is, and not from what one change touches.
  let isWhole: Bool
  /// How many things were declared.
  private let wanted: Int

  public var isEmpty: Bool { steps.isEmpty }

  /// Whether it makes what a policy declares, and is not one change by a verb.
  var isDeclared: Bool { wanted > 0 }
}

extension Plan {
  /// - Parameters:
  ///   - current: What holds, in full.
  ///   - wanted: What is declared.
  ///   - pruning: Lists that are declared become exactly that.
  public init(from current: Policy, to wanted: Policy, pruning: Bool) {
    let target = current.merged(with: wanted, pruning: pruning)
    self.init(PolicyDifferences(from: current, to: target), isWhole: true, wanted: wanted.count)
  }

  init(_ differences: PolicyDifferences, isWhole: Bool = false, wanted: Int = 0) {
    self.differences = differences
    self.isWhole = isWhole
    self.wanted = wanted
    steps = PlanOrder(differences).steps
  }

  /// One that only sets a deadline, or takes it away.
  public init(deadline: Duration?) {
    self.init(PolicyDifferences())
    steps = [.deadline(deadline)]
  }

  /// The same, with a deadline before anything else changes: before there is anything to be cut off by.
  public func toBeConfirmed(within time: Duration) -> Plan {
    var plan = self
    plan.steps.insert(.deadline(time), at: 0)
    return plan
  }

  /// The same, with no deadline any more once everything else has changed.
  public func confirmed() -> Plan {
    var plan = self
    plan.steps.append(.deadline(nil))
    return plan
  }
}

extension Plan {
  /// How many of the things that were declared are so already.
  public var unchanged: Int {
    // A key that moves is declared once.
    let made = Item.Part.allCases.reduce(0) { sum, part in
      let counts = counts(of: part)
      return sum + counts[.added, default: 0] + counts[.changed, default: 0]
    }
    return wanted - made
  }
}
