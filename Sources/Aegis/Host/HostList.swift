internal import CAegis

/// The drop list, or the allow keys, on a host.
struct HostList<List: PolicyList> {
  private let host: HostDatapath
  private let stores = List.stores(of: nil)

  init(on host: HostDatapath) {
    self.host = host
  }

  /// Adds an entry, and makes the datapath look for it.
  func put(
    _ element: List.Element, as conditions: Policy.Conditions = Policy.Conditions(),
    rate: UInt32 = 0, in config: inout aegis_config
  ) throws(AegisError) {
    let home = List.home(of: element)
    var entry = List.entry(element, on: conditions)
    entry.rate = rate
    try stores[home].lay(entry, of: element, over: host)
    List.announce(CollectionOfOne(element), in: home, &config)
  }

  func remove(_ element: List.Element) throws(AegisError) {
    try stores[List.home(of: element)].lay(nil, of: element, over: host)
  }

  /// The entry, expired or not.
  func entry(of element: List.Element) throws(AegisError) -> aegis_entry? {
    try stores[List.home(of: element)].entry(of: element, on: host)
  }
}
