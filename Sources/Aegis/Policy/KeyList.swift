internal import CAegis

/// The allow keys: exact ones in hash maps, those of a prefix in tries, protected ones apart.
public struct KeyList: PolicyList {
  typealias Element = AllowKey

  let datapath: Datapath
  let list: EntryList<AllowKey>

  public init(_ datapath: Datapath) {
    self.datapath = datapath
    list = EntryList(Self.stores(in: datapath.root.current))
  }

  static func stores(in directory: String) -> [any EntryStore<AllowKey>] {
    [
      exact(AEGIS_MAP_key, in: directory, "allow keys"),
      prefixes(AEGIS_MAP_key_prefix, in: directory, "allow keys of prefixes"),
      exact(AEGIS_MAP_protect, in: directory, "protected keys"),
      prefixes(AEGIS_MAP_protect_prefix, in: directory, "protected keys of prefixes"),
    ]
  }

  private static func exact(
    _ map: aegis_map, in directory: String, _ contents: String
  ) -> any EntryStore<AllowKey> {
    EntryTable(
      map, in: directory, contents: contents, option: "--max-keys", key: \.abiKey,
      element: { AllowKey($0) })
  }

  private static func prefixes(
    _ map: aegis_map, in directory: String, _ contents: String
  ) -> any EntryStore<AllowKey> {
    EntryTable(
      map, in: directory, contents: contents, option: "--max-keys", key: \.abiPrefixKey,
      element: { AllowKey($0) },
      length: { $0.source?.length ?? 0 })
  }

  private static let plain = [0, 1]
  private static let protected = [2, 3]

  /// Adds keys; one that is there with the other protection moves.
  public func add(
    _ keys: [AllowKey], _ terms: Terms, protected: Bool, in session: borrowing Session
  ) throws(AegisError) -> [Change<AllowKey>] {
    try add(Wanted(keys, terms), protected: protected, in: session)
  }

  /// What each of them says of itself is its own.
  public func add(
    _ wanted: Wanted<AllowKey>, protected: Bool, in session: borrowing Session
  ) throws(AegisError) -> [Change<AllowKey>] {
    let added = try put(wanted, protected: protected, in: session)
    let moved = try remove(
      wanted.elements, from: protected ? Self.plain : Self.protected, in: session)
    return zip(added, moved).map { change, move in
      move.action == .removed ? Change(change.element, .updated) : change
    }
  }

  public func remove(
    _ keys: [AllowKey], in session: borrowing Session
  ) throws(AegisError) -> [Change<AllowKey>] {
    try remove(keys, from: Self.plain + Self.protected, in: session)
  }

  /// The keys there are now, in order of source. One that is held in both places is on its way to the
  /// protected ones.
  public func entries() throws(AegisError) -> [Entry<AllowKey>] {
    let all = try live()
    let protected = Set(all.lazy.filter(\.isProtected).map(\.element))
    return all.filter { $0.isProtected || !protected.contains($0.element) }
  }

  static func home(of key: AllowKey, protected: Bool) -> Int {
    (protected ? 2 : 0) + (key.isPrefix ? 1 : 0)
  }

  static func sources(of key: AllowKey) -> Prefix? { key.source }

  static func announce(_ elements: [AllowKey], in store: Int, _ config: inout aegis_config) {
    let shapes = elements.reduce(0 as UInt16) { $0 | $1.shapeBit }
    if Self.protected.contains(store) {
      config.protect_shapes |= shapes
    } else {
      config.key_shapes |= shapes
    }
  }

  func recount(_ config: inout aegis_config) throws(AegisError) {
    config.key_shapes = 0
    config.protect_shapes = 0
    for (element, _, store) in try list.all() { Self.announce([element], in: store, &config) }
  }
}

extension KeyList {
  /// How many keys there are, exact or of a prefix, whichever are more: what has to fit the capacity.
  public func counts() throws(AegisError) -> (plain: Int, protected: Int) {
    let counts = try list.liveCounts()
    return (max(counts[0], counts[1]), max(counts[2], counts[3]))
  }
}
