internal import CAegis
internal import Linux

/// What drop entries and allow keys have in common.
///
/// A conformance says which map an element belongs in, and which bits tell the datapath that it is there.
protocol PolicyList {
  associatedtype Element: Hashable, Comparable, Sendable

  init(_ datapath: Datapath)
  var datapath: Datapath { get }
  var list: EntryList<Element> { get }

  /// The maps, in the order of `list`.
  ///
  /// - Parameter datapath: nil for lists in a host's memory.
  static func stores(of datapath: Datapath?) -> [any EntryStore<Element>]
  /// The map for the element, by its number in `list`.
  static func home(of element: Element) -> Int
  /// The sources that the element names; nil is all.
  static func sources(of element: Element) -> Prefix?
  static func isProtected(_ element: Element) -> Bool
  /// Whether entries may have rates of their own.
  static var hasRates: Bool { get }
  /// Whether the order matters in which they are written.
  static var isOrdered: Bool { get }
  /// Has the datapath look for elements like these.
  static func announce(
    _ elements: some Sequence<Element>, in store: Int, _ config: inout aegis_config)
  /// Whether the datapath looks into a store: if not, nothing is there.
  static func isAnnounced(_ store: Int, in config: aegis_config) -> Bool
  /// Has the datapath look only for what there is.
  func recount(_ config: inout aegis_config) throws(AegisError)
}

extension PolicyList {
  static func isProtected(_ element: Element) -> Bool { false }
  static var hasRates: Bool { false }
  static var isOrdered: Bool { false }

  /// What an entry says, without its number of a note and of a rate.
  static func entry(_ element: Element, on conditions: Policy.Conditions) -> aegis_entry {
    .new(
      expires: conditions.expires ?? 0, protected: isProtected(element),
      monitored: conditions.isMonitored, prefixLength: sources(of: element)?.length ?? 0)
  }

  /// By store, without what has expired.
  func liveCounts() throws(AegisError) -> [Int] {
    let config = try Settings.read(datapath)
    return try (0..<list.storeCount).map { store throws(AegisError) in
      Self.isAnnounced(store, in: config) ? try list.liveCount(store) : 0
    }
  }

  /// What is on the list now, in order.
  func live() throws(AegisError) -> [Entry<Element>] {
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    return try list.all().filter { !$0.entry.isExpired(at: now) }
      .sorted { $0.element < $1.element }
      .map { element, entry, _ throws(AegisError) in
        try Entry(element, entry, reader.conditions(of: entry), at: now)
      }
  }

  /// What has not expired.
  func held() throws(AegisError) -> [Element: Policy.Conditions] {
    let now = Clock.boottime()
    var reader = ConditionsReader(datapath)
    var held: [Element: Policy.Conditions] = [:]
    for (element, entry, _) in try list.all() where !entry.isExpired(at: now) {
      held[element] = try reader.conditions(of: entry)
    }
    return held
  }

  /// Removes entries, and the rates that were theirs alone.
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
