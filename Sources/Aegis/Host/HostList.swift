internal import CAegis

/// The drop list, or the allow keys, on a host.
struct HostList<List: PolicyList> {
  private let host: HostDatapath
  private let stores = List.stores(in: "")

  init(on host: HostDatapath) {
    self.host = host
  }

  /// Puts an entry, and has the datapath look for it.
  func put(
    _ element: List.Element, as conditions: Policy.Conditions = Policy.Conditions(),
    rate: UInt32 = 0, protected: Bool = false, in config: inout aegis_config
  ) throws(AegisError) {
    let home = List.home(of: element, protected: protected)
    let entry = aegis_entry.new(
      expires: conditions.expires ?? 0, note: 0, rate: rate, protected: protected,
      monitored: conditions.isMonitored, prefixLength: List.prefixLength(of: element))
    try stores[home].lay(entry, of: element, over: host)
    List.announce([element], in: home, &config)
  }

  func remove(_ element: List.Element, protected: Bool = false) throws(AegisError) {
    try stores[List.home(of: element, protected: protected)].lay(nil, of: element, over: host)
  }

  /// Expired or not.
  func entry(of element: List.Element) throws(AegisError) -> aegis_entry? {
    try stores[List.home(of: element, protected: false)].entry(of: element, on: host)
  }
}
