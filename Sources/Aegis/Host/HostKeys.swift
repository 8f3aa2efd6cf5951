internal import CAegis

/// The allow keys on a host.
struct HostKeys {
  private let host: HostDatapath
  private let stores: [any KeyStore]

  init(on host: HostDatapath) {
    self.host = host
    stores = KeyList.stores(of: nil, host.profile.number)
  }

  /// Adds a key, and makes the datapath look for it.
  func put(
    _ key: Policy.Key, as conditions: Policy.Conditions = Policy.Conditions(), rate: UInt32 = 0,
    in config: inout aegis_config
  ) throws(AegisError) {
    var entry = KeyList.entry(key, on: conditions)
    entry.rate = rate
    try stores[KeyList.home(of: key)].lay(entry, of: key, over: host, &config)
    KeyList.announce(CollectionOfOne(key), &config)
  }

  func remove(_ key: Policy.Key, in config: inout aegis_config) throws(AegisError) {
    try stores[KeyList.home(of: key)].lay(nil, of: key, over: host, &config)
  }
}
