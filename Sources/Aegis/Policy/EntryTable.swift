internal import BPF
internal import CAegis

/// One map of drop entries or allow keys, seen through what an operator calls its keys.
protocol EntryStore<Element>: AnyObject {
  associatedtype Element: Hashable

  /// What an operator calls what it holds: "IPv4 hosts".
  var contents: String { get }
  func entries(of elements: [Element]) throws(BPFError) -> [Element: aegis_entry]
  func entries() throws(BPFError) -> [(Element, aegis_entry)]
  func put(_ entries: [(Element, aegis_entry)]) throws(BPFError)
  @discardableResult func remove(_ elements: [Element]) throws(BPFError) -> Int
  func isEmpty() throws(BPFError) -> Bool
  func room() throws(BPFError) -> UInt32
}

/// Opens its map when an element first needs it: one address costs one map.
final class EntryTable<Key: BitwiseCopyable, Element: Hashable>: EntryStore {
  private final class Opened {
    let map: BPFMap<Key, aegis_entry>

    init(_ path: String) throws(BPFError) {
      map = try BPFMap(pinnedAt: path)
    }
  }

  let contents: String
  private let path: String
  private let key: (Element) -> Key
  private let element: (Key) -> Element
  private var opened: Opened?

  /// From as many elements on, reading the whole map at once beats a system call for each.
  private static var bulk: Int { 4096 }

  init(
    _ path: String, contents: String, key: @escaping (Element) -> Key,
    element: @escaping (Key) -> Element
  ) {
    self.path = path
    self.contents = contents
    self.key = key
    self.element = element
  }

  private func table() throws(BPFError) -> Opened {
    if let opened { return opened }
    let table = try Opened(path)
    opened = table
    return table
  }

  func entries(of elements: [Element]) throws(BPFError) -> [Element: aegis_entry] {
    var found: [Element: aegis_entry] = [:]
    if elements.count >= Self.bulk {
      for (element, entry) in try entries() { found[element] = entry }
    } else {
      let table = try table()
      for element in elements { found[element] = try table.map.value(forKey: key(element)) }
    }
    return found
  }

  func entries() throws(BPFError) -> [(Element, aegis_entry)] {
    try table().map.entries().map { (element($0.key), $0.value) }
  }

  func put(_ entries: [(Element, aegis_entry)]) throws(BPFError) {
    switch entries.count {
    case 0: break
    case 1: try table().map.update(entries[0].1, forKey: key(entries[0].0))
    default: try table().map.update(entries.map { (key: key($0.0), value: $0.1) })
    }
  }

  @discardableResult
  func remove(_ elements: [Element]) throws(BPFError) -> Int {
    if elements.count == 1 { return try table().map.remove(key(elements[0])) ? 1 : 0 }
    return try table().map.remove(elements.map(key))
  }

  func isEmpty() throws(BPFError) -> Bool { try table().map.isEmpty() }

  func room() throws(BPFError) -> UInt32 { try table().map.info().maxEntries }
}
