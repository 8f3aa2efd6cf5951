internal import CAegis
internal import Linux

/// The allow keys: exact ones in hash maps, those with a prefix in tries, and those of several ports in a set as rules
/// are. Protected keys have their own maps.
public struct KeyList: PolicyList {
  typealias Element = Policy.Key

  let datapath: Datapath
  let list: EntryList<Policy.Key>
  let stores: [any KeyStore]

  public init(_ datapath: Datapath) {
    self.datapath = datapath
    stores = Self.stores(of: datapath, datapath.profile.number)
    list = EntryList(stores.map { $0.asEntries })
  }

  /// Their places, in the order of `list`: first the maps, in the order of `maps`.
  ///
  /// - Parameters:
  ///   - datapath: nil for keys in a host's memory.
  ///   - profile: The number of the profile that has them.
  static func stores(of datapath: Datapath?, _ profile: UInt32) -> [any KeyStore] {
    [
      exact(AEGIS_MAP_key, of: datapath, profile, "allow keys", protected: false),
      prefixes(
        AEGIS_MAP_key_prefix, of: datapath, profile, "allow keys of prefixes", protected: false),
      exact(AEGIS_MAP_protect, of: datapath, profile, "protected keys", protected: true),
      prefixes(
        AEGIS_MAP_protect_prefix, of: datapath, profile, "protected keys of prefixes",
        protected: true),
      PortKeyTable(datapath),
    ]
  }

  private static func exact(
    _ map: aegis_map, of datapath: Datapath?, _ profile: UInt32, _ contents: String,
    protected: Bool
  ) -> any KeyStore {
    KeyTable(
      map, of: datapath, contents: contents, option: "--max-keys",
      key: { $0.key.abiKey.of(profile) },
      element: {
        $0.profile == profile ? Policy.Key(AllowKey($0.plain), isProtected: protected) : nil
      })
  }

  private static func prefixes(
    _ map: aegis_map, of datapath: Datapath?, _ profile: UInt32, _ contents: String,
    protected: Bool
  ) -> any KeyStore {
    KeyTable(
      map, of: datapath, contents: contents, option: "--max-keys",
      key: { $0.key.abiPrefixKey.of(profile) },
      element: {
        $0.key.profile == profile ? Policy.Key(AllowKey($0.plain), isProtected: protected) : nil
      },
      length: { $0.key.source?.length ?? 0 })
  }

  static let maps = aegis_map.all.filter(\.isOfKeys)

  /// The current keys, in order of source. A key that is in both places is being moved to the protected keys.
  public func entries() throws(AegisError) -> [Entry<AllowKey>] {
    let all = try live()
    let protected = Set(all.lazy.filter(\.element.isProtected).map(\.element.key))
    return all.filter { $0.element.isProtected || !protected.contains($0.element.key) }
      .map { $0.of($0.element.key) }
      .sorted { $0.element < $1.element }
  }

  static func home(of key: Policy.Key) -> Int {
    key.key.hasSeveralPorts
      ? maps.count : (key.isProtected ? 2 : 0) + (key.key.isPrefix ? 1 : 0)
  }

  /// The entry for these conditions, without the numbers of its note and rate.
  static func entry(_ key: Policy.Key, on conditions: Policy.Conditions) -> aegis_entry {
    .new(
      expires: conditions.expires ?? 0, protected: key.isProtected,
      monitored: conditions.isMonitored, prefixLength: key.key.source?.length ?? 0)
  }

  /// Makes the datapath look for keys like these. The set of those of several ports is announced with itself.
  static func announce(_ elements: some Sequence<Policy.Key>, _ config: inout aegis_config) {
    for element in elements where !element.key.hasSeveralPorts {
      if element.isProtected {
        config.protect_shapes |= element.key.shapeBit
      } else {
        config.key_shapes |= element.key.shapeBit
      }
    }
  }

  static func isAnnounced(_ store: Int, in config: aegis_config) -> Bool {
    switch store {
    case 0...1: config.key_shapes != 0
    case 2...3: config.protect_shapes != 0
    default: config.port_keys != 0
    }
  }

  func recount(_ config: inout aegis_config) throws(AegisError) {
    config.key_shapes = 0
    config.protect_shapes = 0
    Self.announce(try list.all().lazy.map(\.element), &config)
  }
}

extension KeyList {
  /// The number of exact keys or of keys with a prefix, whichever is larger: this must fit the capacity.
  public func counts() throws(AegisError) -> (plain: Int, protected: Int) {
    let counts = try liveCounts()
    return (max(counts[0], counts[1]), max(counts[2], counts[3]))
  }

  func liveCount(_ store: Int) throws(AegisError) -> Int {
    let now = Clock.boottime()
    return try kernel { () throws(SystemError) in try stores[store].liveCount(at: now) }
  }

  func sweep(_ store: Int, at now: UInt64) throws(AegisError) -> (count: Int, next: UInt64?) {
    let expired = try kernel { () throws(SystemError) in try stores[store].expired(at: now) }
    if !expired.entries.isEmpty {
      try discard(expired.entries.map(\.0), expired.entries.map(\.1), from: store)
    }
    return (expired.entries.count, expired.next)
  }

  /// Removes entries, and the rates that only they used.
  func discard(
    _ elements: [Policy.Key], _ entries: [aegis_entry], from store: Int
  ) throws(AegisError) {
    let rates = entries.map(\.rate).filter { $0 != 0 }
    do {
      try list.remove(elements, from: store)
      if !rates.isEmpty { try KeyRates(datapath).remove(rates) }
    } catch {
      if !rates.isEmpty { _ = try? KeyRates.forgetStrays(datapath) }
      throw error
    }
  }
}
