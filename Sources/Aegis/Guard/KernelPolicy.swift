internal import CAegis
internal import Linux

/// The policy in force, looked up in the kernel's maps. It asks as the datapath does: an expired entry is
/// absent, and a shorter prefix then holds.
final class KernelPolicy: PolicyStore {
  private let datapath: Datapath
  private let config: aegis_config
  private let now = Clock.boottime()

  private lazy var dropV4 = table(AEGIS_MAP_drop_v4, UInt32.self, aegis_entry.self)
  private lazy var dropV6 = table(AEGIS_MAP_drop_v6, aegis_address.self, aegis_entry.self)
  private lazy var dropPrefixV4 = table(
    AEGIS_MAP_drop_prefix_v4, aegis_prefix_v4.self, aegis_entry.self)
  private lazy var dropPrefixV6 = table(
    AEGIS_MAP_drop_prefix_v6, aegis_prefix_v6.self, aegis_entry.self)
  private lazy var keys = table(AEGIS_MAP_key, aegis_key.self, aegis_entry.self)
  private lazy var keyPrefixes = table(
    AEGIS_MAP_key_prefix, aegis_key_prefix.self, aegis_entry.self)
  private lazy var protects = table(AEGIS_MAP_protect, aegis_key.self, aegis_entry.self)
  private lazy var protectPrefixes = table(
    AEGIS_MAP_protect_prefix, aegis_key_prefix.self, aegis_entry.self)
  private lazy var keyRates = table(AEGIS_MAP_key_rate, UInt32.self, aegis_rates.self)
  private lazy var ratePorts = table(AEGIS_MAP_rate_port, aegis_port.self, aegis_rates.self)
  private lazy var ratePrefixes = table(
    AEGIS_MAP_rate_prefix, aegis_key_prefix.self, aegis_rates.self)
  private lazy var totalPrefixes = table(
    AEGIS_MAP_total_prefix, aegis_key_prefix.self, aegis_rates.self)

  init(_ datapath: Datapath) throws(AegisError) {
    self.datapath = datapath
    config = try Settings.read(datapath)
  }

  private func table<Key, Value>(
    _ map: aegis_map, _: Key.Type, _: Value.Type
  ) -> PinnedTable<Key, Value> {
    PinnedTable(datapath.root.map(map))
  }

  var mode: Limits.Mode { config.stages & aegis_stage.monitor != 0 ? .monitor : .enforce }
  var isSuspended: Bool { Deadline.remaining(config).map { $0 <= .zero } ?? false }
  var defaultAction: Limits.Default { config.stages & aegis_stage.deny != 0 ? .deny : .allow }
  var defaultRules: [RateRule] { config.rates.rules(for: .rest) }
}

extension KernelPolicy {
  func drop(_ address: IPAddress, atMost length: Int) throws(AegisError) -> Prefix? {
    if length == address.width, try isDropHost(address) { return Prefix(address) }
    let isV4 = address.width == 32
    let stage = isV4 ? AEGIS_STAGE_DROP_PREFIX_V4 : AEGIS_STAGE_DROP_PREFIX_V6
    if config.stages & stage.rawValue == 0 { return nil }
    return try longest(address, atMost: length) { prefix throws(AegisError) in
      isV4
        ? try dropPrefixV4.value(forKey: prefix.v4PrefixKey)
        : try dropPrefixV6.value(forKey: prefix.v6PrefixKey)
    }?.prefix
  }

  private func isDropHost(_ address: IPAddress) throws(AegisError) -> Bool {
    let isV4 = address.width == 32
    let stage = isV4 ? AEGIS_STAGE_DROP_V4 : AEGIS_STAGE_DROP_V6
    if config.stages & stage.rawValue == 0 { return false }
    let host = Prefix(address)
    let entry =
      isV4 ? try dropV4.value(forKey: host.v4Key) : try dropV6.value(forKey: host.v6Key)
    return entry.map(decides) ?? false
  }

  /// One that is expired is none, and one that monitors only counts.
  private func decides(_ entry: aegis_entry) -> Bool {
    !entry.isExpired(at: now) && !entry.isMonitored
  }

  /// Asks a trie, which answers with the longest prefix whether it decides or not.
  private func longest(
    _ address: IPAddress, atMost length: Int,
    _ ask: (Prefix) throws(AegisError) -> aegis_entry?
  ) throws(AegisError) -> (prefix: Prefix, entry: aegis_entry)? {
    var length = length
    while let wanted = Prefix(address: address, length: length), let entry = try ask(wanted) {
      let found = Int(entry.prefix_length)
      if decides(entry), let prefix = Prefix(address: address, length: found) {
        return (prefix, entry)
      }
      length = found - 1
    }
    return nil
  }
}

extension KernelPolicy {
  private func exists(_ key: AllowKey, protected: Bool) -> Bool {
    (protected ? config.protect_shapes : config.key_shapes) & key.shapeBit != 0
  }

  func key(_ key: AllowKey, protected: Bool) throws(AegisError) -> FoundKey? {
    guard exists(key, protected: protected),
      let entry = try (protected ? protects : keys).value(forKey: key.abiKey),
      decides(entry)
    else { return nil }
    return FoundKey(key: key, rate: try rate(of: entry))
  }

  func prefixKey(
    _ port: UInt16?, _ protocol: TransportProtocol?, _ address: IPAddress, atMost length: Int,
    protected: Bool
  ) throws(AegisError) -> FoundKey? {
    guard let widest = Prefix(address: address, length: 0),
      exists(AllowKey(unchecked: widest, port, `protocol`), protected: protected)
    else { return nil }
    let table = protected ? protectPrefixes : keyPrefixes
    let found = try longest(address, atMost: length) { prefix throws(AegisError) in
      try table.value(forKey: AllowKey(unchecked: prefix, port, `protocol`).abiPrefixKey)
    }
    guard let found else { return nil }
    return FoundKey(
      key: AllowKey(unchecked: found.prefix, port, `protocol`), rate: try rate(of: found.entry))
  }

  func keys(protected: Bool) throws(AegisError) -> [FoundKey] {
    if protected ? config.protect_shapes == 0 : config.key_shapes == 0 { return [] }
    let exact = try (protected ? protects : keys).entries().map { (AllowKey($0), $1) }
    let prefixes = try (protected ? protectPrefixes : keyPrefixes).entries().map {
      (AllowKey($0), $1)
    }
    return try (exact + prefixes).filter { decides($0.1) }.map { key, entry throws(AegisError) in
      FoundKey(key: key, rate: try rate(of: entry))
    }
  }

  private func rate(of entry: aegis_entry) throws(AegisError) -> Rate? {
    if entry.rate == 0 { return nil }
    return try keyRates.value(forKey: entry.rate)?.rules(for: .rest).first?.rate
  }
}

extension KernelPolicy {
  func rules(_ port: RateSelector.Port) throws(AegisError) -> [RateRule] {
    if config.rate_shapes & AEGIS_RATE_BY_PORT.rawValue == 0 { return [] }
    let selector = RateSelector(port: port)
    return try ratePorts.value(forKey: selector.portKey)?.rules(for: selector) ?? []
  }

  func rules(
    _ port: RateSelector.Port?, _ address: IPAddress, atMost length: Int, isTotal: Bool
  ) throws(AegisError) -> FoundRules? {
    guard let wanted = Prefix(address: address, length: length) else { return nil }
    let selector = RateSelector(port: port, prefix: wanted)
    guard config.rate_shapes & selector.shape(isTotal: isTotal) != 0,
      let key = selector.prefixKey,
      let rates = try (isTotal ? totalPrefixes : ratePrefixes).value(forKey: key),
      let prefix = Prefix(
        address: address, length: Int(rates.length) - Int(AEGIS_KEY_HEAD_BITS))
    else { return nil }
    return FoundRules(
      prefix: prefix, rules: rates.rules(for: RateSelector(port: port, prefix: prefix)))
  }
}
