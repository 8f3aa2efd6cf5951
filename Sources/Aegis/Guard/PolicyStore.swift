/// Point look-ups in a policy, whose maps may be too large to be read for one question.
protocol PolicyStore {
  var mode: Limits.Mode { get throws(AegisError) }
  /// Whether everything passes because a change was not confirmed in time.
  var isSuspended: Bool { get throws(AegisError) }
  var defaultAction: Limits.Default { get throws(AegisError) }
  /// Of packets that no rule selects.
  var defaultRules: [RateRule] { get throws(AegisError) }

  /// The longest prefix on the drop list that holds an address, of at most so many bits.
  func drop(_ address: IPAddress, atMost length: Int) throws(AegisError) -> Prefix?

  /// A key of any source or of a host, with the rate of its own; nil if there is none.
  func key(_ key: AllowKey, protected: Bool) throws(AegisError) -> FoundKey?

  /// The longest key of a prefix that holds an address, with this port and protocol.
  func prefixKey(
    _ port: UInt16?, _ protocol: TransportProtocol?, _ address: IPAddress, atMost length: Int,
    protected: Bool
  ) throws(AegisError) -> FoundKey?

  /// All keys.
  func keys(protected: Bool) throws(AegisError) -> [FoundKey]

  func rules(_ port: RateSelector.Port) throws(AegisError) -> [RateRule]

  /// Those of the longest prefix that holds an address.
  func rules(
    _ port: RateSelector.Port?, _ address: IPAddress, atMost length: Int, isTotal: Bool
  ) throws(AegisError) -> FoundRules?
}

struct FoundKey {
  let key: AllowKey
  /// Instead of the rules.
  let rate: Rate?
}

struct FoundRules {
  let prefix: Prefix
  let rules: [RateRule]
}

/// Nothing is named and everything passes: what a whole policy is laid over.
struct EmptyPolicy: PolicyStore {
  var mode: Limits.Mode { .enforce }
  var isSuspended: Bool { false }
  var defaultAction: Limits.Default { .allow }
  var defaultRules: [RateRule] { [] }

  func drop(_ address: IPAddress, atMost length: Int) -> Prefix? { nil }
  func key(_ key: AllowKey, protected: Bool) -> FoundKey? { nil }
  func prefixKey(
    _ port: UInt16?, _ protocol: TransportProtocol?, _ address: IPAddress, atMost length: Int,
    protected: Bool
  ) -> FoundKey? { nil }
  func keys(protected: Bool) -> [FoundKey] { [] }
  func rules(_ port: RateSelector.Port) -> [RateRule] { [] }
  func rules(
    _ port: RateSelector.Port?, _ address: IPAddress, atMost length: Int, isTotal: Bool
  ) -> FoundRules? { nil }
}
