internal import CAegis

/// The sources whose packets are dropped: hosts in hash maps, prefixes in tries, by family.
public struct DropList: PolicyList {
  typealias Element = Prefix

  let datapath: Datapath
  let list: EntryList<Prefix>

  public init(_ datapath: Datapath) {
    self.datapath = datapath
    list = EntryList(Self.stores(of: datapath))
  }

  static func stores(of datapath: Datapath?) -> [any EntryStore<Prefix>] {
    [
      EntryTable(
        AEGIS_MAP_drop_v4, of: datapath, contents: "IPv4 hosts", option: "--max-drops",
        key: \.v4Key, element: Prefix.init(v4:)),
      EntryTable(
        AEGIS_MAP_drop_v6, of: datapath, contents: "IPv6 hosts", option: "--max-drops",
        key: \.v6Key, element: { Prefix($0) }),
      EntryTable(
        AEGIS_MAP_drop_prefix_v4, of: datapath, contents: "IPv4 prefixes", option: "--max-drops",
        key: \.v4PrefixKey, element: { Prefix($0) }, length: \.length),
      EntryTable(
        AEGIS_MAP_drop_prefix_v6, of: datapath, contents: "IPv6 prefixes", option: "--max-drops",
        key: \.v6PrefixKey, element: { Prefix($0) }, length: \.length),
    ]
  }

  /// The stage of each store.
  private static let stages: [UInt32] = [
    AEGIS_STAGE_DROP_V4, AEGIS_STAGE_DROP_V6, AEGIS_STAGE_DROP_PREFIX_V4,
    AEGIS_STAGE_DROP_PREFIX_V6,
  ].map(\.rawValue)

  /// The sources that are dropped now, in order of address.
  public func entries() throws(AegisError) -> [Entry<Prefix>] { try live() }

  static func home(of prefix: Prefix) -> Int {
    (prefix.isHost ? 0 : 2) + (prefix.address.width == 32 ? 0 : 1)
  }

  static func sources(of prefix: Prefix) -> Prefix? { prefix }

  static func announce(
    _ elements: some Sequence<Prefix>, in store: Int, _ config: inout aegis_config
  ) {
    config.stages |= Self.stages[store]
  }

  static func isAnnounced(_ store: Int, in config: aegis_config) -> Bool {
    config.stages & stages[store] != 0
  }

  func recount(_ config: inout aegis_config) throws(AegisError) {
    for (store, stage) in Self.stages.enumerated() where config.stages & stage != 0 {
      if try list.isEmpty(store) { config.stages &= ~stage }
    }
  }
}

extension DropList {
  /// The number of hosts and of prefixes, of the family with more of them: these must fit the capacity.
  public func counts() throws(AegisError) -> (hosts: Int, prefixes: Int) {
    let counts = try liveCounts()
    return (max(counts[0], counts[1]), max(counts[2], counts[3]))
  }
}
