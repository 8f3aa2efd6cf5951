/// What a command is about to change, all of it together: what the lock-out guard judges beforehand.
public struct PolicyChange: Sendable {
  /// What is to become of an allow key.
  public enum KeyState: Sendable {
    case absent
    case plain(Terms.RateTerm)
    case protected
  }

  /// One kind of rate of a selector: for each source, or for all together.
  public struct RateSlot: Hashable, Sendable {
    public let selector: RateSelector
    public let isTotal: Bool

    public init(_ selector: RateSelector, isTotal: Bool) {
      self.selector = selector
      self.isTotal = isTotal
    }
  }

  /// nil leaves it.
  public var mode: Limits.Mode?
  /// Whether a deadline ends with it: a policy that was suspended for want of a `confirm` holds again.
  public var isConfirmed = false
  /// nil leaves it.
  public var defaultAction: Limits.Default?
  /// To be dropped from now on.
  public var drops: [Prefix] = []
  /// No longer to be dropped.
  public var removedDrops: [Prefix] = []
  public var keys: [AllowKey: KeyState] = [:]
  /// Set beside, or instead of, those of the same kind and unit.
  public var rates: [RateRule] = []
  /// Removed before `rates` are set.
  public var removedRates: [RateSlot] = []

  public init() {}
}

extension PolicyChange {
  /// With only those drops that cover one of the addresses.
  func narrowed(to addresses: Set<IPAddress>) -> PolicyChange {
    var narrow = self
    narrow.drops = drops.filter { prefix in
      prefix.isHost
        ? addresses.contains(prefix.address) : addresses.contains { prefix.contains($0) }
    }
    return narrow
  }

  /// Whether it may change anything for them.
  func concerns(_ watched: Watched) -> Bool {
    let address = watched.source
    if watched.origin != nil, !keys.isEmpty { return true }
    return mode != nil || isConfirmed || defaultAction != nil || !rates.isEmpty
      || !removedRates.isEmpty
      || drops.contains { $0.contains(address) }
      || keys.contains { $0.key.source?.contains(address) ?? true }
  }

  /// The hosts that it drops, if that is all it does and they are few: then only they have to be looked for.
  var fewHosts: [IPAddress]? {
    guard mode == nil, !isConfirmed, defaultAction == nil, keys.isEmpty, rates.isEmpty,
      removedRates.isEmpty,
      1...Self.few ~= drops.count, drops.allSatisfy(\.isHost)
    else { return nil }
    return drops.map(\.address)
  }

  private static let few = 16
}
