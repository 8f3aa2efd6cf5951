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

final class EntryTable<Key: BitwiseCopyable, Element: Hashable>: EntryStore {
  let contents: String
  private let map: BPFMap<Key, aegis_entry>
  private let key: (Element) -> Key
  private let element: (Key) -> Element

  /// From as many elements on, reading the whole map at once beats a system call for each.
  private static var bulk: Int { 4096 }

  init(
    _ path: String, contents: String, key: @escaping (Element) -> Key,
    element: @escaping (Key) -> Element
  ) throws(BPFError) {
    self.contents = contents
    map = try BPFMap(pinnedAt: path)
    self.key = key
    self.element = element
  }

  func entries(of elements: [Element]) throws(BPFError) -> [Element: aegis_entry] {
    var found: [Element: aegis_entry] = [:]
    if elements.count >= Self.bulk {
      for (element, entry) in try entries() { found[element] = entry }
    } else {
      for element in elements { found[element] = try map.value(forKey: key(element)) }
    }
    return found
  }

  func entries() throws(BPFError) -> [(Element, aegis_entry)] {
    try map.entries().map { (element($0.key), $0.value) }
  }

  func put(_ entries: [(Element, aegis_entry)]) throws(BPFError) {
    switch entries.count {
    case 0: break
    case 1: try map.update(entries[0].1, forKey: key(entries[0].0))
    default: try map.update(entries.map { (key: key($0.0), value: $0.1) })
    }
  }

  @discardableResult
  func remove(_ elements: [Element]) throws(BPFError) -> Int {
    if elements.count == 1 { return try map.remove(key(elements[0])) ? 1 : 0 }
    return try map.remove(elements.map(key))
  }

  func isEmpty() throws(BPFError) -> Bool { try map.isEmpty() }

  func room() throws(BPFError) -> UInt32 { try map.info().maxEntries }
}
