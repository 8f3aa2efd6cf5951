internal import CAegis
internal import Linux

/// What drop entries and allow keys have in common.
///
/// A conforming type defines the map of an element, and the bits that announce it to the datapath.
protocol PolicyList {
  associatedtype Element: Hashable, Comparable, Sendable

  init(_ datapath: Datapath)
  var datapath: Datapath { get }
  var list: EntryList<Element> { get }

  /// The maps, in the order of `list`.
  ///
  /// - Parameter datapath: nil for lists in a host's memory.
  static func stores(of datapath: Datapath?) -> [any EntryStore<Element>]
  /// The index in `list` of the map for the element.
  static func home(of element: Element) -> Int
  /// The sources that the element names; nil means all.
  static func sources(of element: Element) -> Prefix?
  static func isProtected(_ element: Element) -> Bool
  /// Whether entries may have their own rates.
  static var hasRates: Bool { get }
  /// Whether entries must be written in order.
  static var isOrdered: Bool { get }
  /// Makes the datapath look for elements like these.
  static func announce(
    _ elements: some Sequence<Element>, in store: Int, _ config: inout aegis_config)
  /// Whether the datapath looks into a store; if not, the store is empty.
  static func isAnnounced(_ store: Int, in config: aegis_config) -> Bool
  /// Makes the datapath look only for elements that exist.
  func recount(_ config: inout aegis_config) throws(AegisError)
}

extension PolicyList {
  static func isProtected(_ element: Element) -> Bool { false }
  static var hasRates: Bool { false }
  static var isOrdered: Bool { false }

  /// The entry for these conditions, without the numbers of its note and rate.
  static func entry(_ element: Element, on conditions: Policy.Conditions) -> aegis_entry {
    .new(
      expires: conditions.expires ?? 0, protected: isProtected(element),
      monitored: conditions.isMonitored, prefixLength: sources(of: element)?.length ?? 0)
  }

  /// The number of entries in each store, without expired ones.
  func liveCounts() throws(AegisError) -> [Int] {
    let config = try Settings.read(datapath)
    return try (0..<list.storeCount).map { store throws(AegisError) in
      Self.isAnnounced(store, in: config) ? try list.liveCount(store) : 0
    }
  }

  /// The current entries of the list, in order.
  func live() throws(AegisError) -> [Entry<Element>] {
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    return try list.all().filter { !$0.entry.isExpired(at: now) }
      .sorted { $0.element < $1.element }
      .map { element, entry, _ throws(AegisError) in
        try Entry(element, entry, reader.conditions(of: entry), at: now)
      }
  }

  /// The entries that have not expired.
  func held() throws(AegisError) -> [Element: Policy.Conditions] {
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    var held: [Element: Policy.Conditions] = [:]
    for (element, entry, _) in try list.all() where !entry.isExpired(at: now) {
      held[element] = try reader.conditions(of: entry)
    }
    return held
  }

  /// Removes entries, and the rates that only they used.
  func discard(
    _ elements: [Element], _ entries: [aegis_entry], from store: Int
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
