/// How to get from one policy to another: what changes, and in which order.
///
/// Whichever step it is at, each packet gets the verdict that it had before or the one that it will have. Only
/// where keys that have rates of their own overlap others may a packet for an instant be held to the rate of
/// another key, or rule, of the two policies.
public struct Plan: Sendable {
  /// Made one after the other; a killed call leaves some of them, which a new plan then lacks.
  public enum Step: Sendable, Equatable {
    case mode(Limits.Mode)
    case defaultAction(Limits.Default)
    case sourcePrefix(Policy.SourcePrefix)
    /// In this order.
    case rates([RateChange])
    case putDrops([Drop])
    case removeDrops([Prefix])
    /// In this order.
    case putKeys([Key])
    case removeKeys([Policy.Key])
  }

  public struct Drop: Sendable, Equatable {
    public let prefix: Prefix
    public let conditions: Policy.Conditions
  }

  public struct Key: Sendable, Equatable {
    public let key: Policy.Key
    public let conditions: Policy.Conditions
  }

  /// The rates for each source, or in all, that a selector is to have: none, of packets, of bytes, or both.
  public struct RateChange: Sendable, Equatable {
    public let selector: RateSelector
    public let isTotal: Bool
    public let rates: [Rate]
  }

  /// Something that changes.
  public struct Item: Sendable, Equatable {
    public enum Part: String, Sendable, CaseIterable {
      case defaultAction = "default"
      case mode
      case sourcePrefix = "source-prefix"
      case rate, drop, key
    }

    public enum Action: String, Sendable, CaseIterable {
      case added, changed, removed
    }

    public let part: Part
    public let name: String
    public let action: Action
    /// What it is, nil if it is removed; and what it was, nil if it was not there.
    public let now: String?
    public let before: String?
  }

  public let steps: [Step]
  public let items: [Item]
  /// How many of the things that were declared are so already.
  public let unchanged: Int

  public var isEmpty: Bool { steps.isEmpty }
}

extension Plan {
  /// - Parameters:
  ///   - current: What holds, in full.
  ///   - wanted: What is declared.
  ///   - pruning: Lists that are declared become exactly that.
  public init(from current: Policy, to wanted: Policy, pruning: Bool) {
    let target = current.merged(with: wanted, pruning: pruning)
    let differences = PolicyDifferences(from: current, to: target)
    steps = PlanOrder(current, target, differences).steps
    items = PlanItems(current, target, differences).items
    // A key that moves is declared once.
    let made = items.count { $0.action != .removed }
    unchanged = wanted.count - made
  }
}
