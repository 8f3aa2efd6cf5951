/// A part of a policy that a finding is about.
public enum LintPlace: Hashable, Sendable {
  /// By its place among the rules of its direction, from 0.
  case rule(Direction, Int, RuleName)
  case key(Direction, Policy.Key)
  /// An entry of the list `manual`.
  case drop(Direction, Prefix)
  case entry(ListName, Prefix)
  /// By its place among the rates of its direction, from 0.
  case rate(Direction, Int, RateRule)
  case list(ListName)
  case addressClass(ClassName)
  case defaultAction(Direction)
}

extension LintPlace: CustomStringConvertible {
  /// What an operator calls it: `rule "web"`.
  public var description: String {
    switch self {
    case .rule(_, _, let name): "rule \"\(name)\""
    case .key(_, let key): key.isProtected ? "the protected key \(key.key)" : "key \(key.key)"
    case .drop(_, let prefix): "the drop of \(prefix)"
    case .entry(let list, let prefix): "\(prefix) of list \(list)"
    case .rate(_, _, let rule): "the rate for \(rule.selector)"
    case .list(let name): "list \(name)"
    case .addressClass(let name): "class \(name)"
    case .defaultAction: "the default"
    }
  }

  /// Its name alone.
  public var name: String {
    switch self {
    case .rule(_, _, let name): "\(name)"
    case .key(_, let key): "\(key.key)"
    case .drop(_, let prefix), .entry(_, let prefix): "\(prefix)"
    case .rate(_, _, let rule): "\(rule.selector)"
    case .list(let name): "\(name)"
    case .addressClass(let name): "\(name)"
    case .defaultAction: "default"
    }
  }
}
