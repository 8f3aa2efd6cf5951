internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The expired keys, and the earliest expiry among the rest, if any of them expires.
typealias ExpiredKeys = (entries: [(Policy.Key, aegis_entry)], next: UInt64?)

/// One place of allow keys.
protocol KeyStore: EntryStore<Policy.Key> {
  func liveCount(at now: UInt64) throws(SystemError) -> Int
  func expired(at now: UInt64) throws(SystemError) -> ExpiredKeys
  /// Adds or changes entries.
  ///
  /// - Returns: Whether there was room for them.
  func put(_ entries: [(Policy.Key, aegis_entry)]) throws(AegisError) -> Bool
  /// Overlays an entry, or its absence, on the same map of a host.
  func lay(
    _ entry: aegis_entry?, of element: Policy.Key, over host: HostDatapath,
    _ config: inout aegis_config
  ) throws(AegisError)
}

extension KeyStore {
  var asEntries: any EntryStore<Policy.Key> { self }
}

/// Opens its map when a key first needs it, so that a single key opens a single map.
final class KeyTable<Key: BitwiseCopyable>: KeyStore {
  typealias Element = Policy.Key

  let contents: String
  let option: String?
  private let map: aegis_map
  /// nil for a host's lists, which are in its memory.
  private let datapath: Datapath?
  private let key: (Element) -> Key
  /// nil for a key of another profile.
  private let element: (Key) -> Element?
  /// The prefix length of the element in a trie, whose lookup may return a shorter prefix; nil for a hash map.
  private let length: ((Element) -> Int)?
  private var opened: BPFMap<Key, aegis_entry>?

  /// From this share of the map's size on, reading the whole map is faster than a system call for each element.
  private static var bulkShare: Int { 4 }

  init(
    _ map: aegis_map, of datapath: Datapath?, contents: String, option: String,
    key: @escaping (Element) -> Key, element: @escaping (Key) -> Element?,
    length: ((Element) -> Int)? = nil
  ) {
    self.map = map
    self.datapath = datapath
    self.contents = contents
    self.option = option
    self.key = key
    self.element = element
    self.length = length
  }

  private func table() throws(SystemError) -> BPFMap<Key, aegis_entry> {
    if let opened { return opened }
    guard let datapath else {
      throw SystemError(operation: "open", subject: map.name, errno: ENOENT)
    }
    let table: BPFMap<Key, aegis_entry> = try datapath.open(map)
    opened = table
    return table
  }

  func entries(of elements: [Element]) throws(SystemError) -> [Element: aegis_entry] {
    var found: [Element: aegis_entry] = [:]
    if elements.count > 1, try elements.count >= room() / Self.bulkShare {
      found.reserveCapacity(elements.count)
      try table().visit { if let one = element($0) { found[one] = $1 } }
      return found
    }
    let table = try table()
    for element in elements {
      let entry = try table.value(forKey: key(element))
      if let length, let entry, Int(entry.prefix_length) != length(element) { continue }
      found[element] = entry
    }
    return found
  }

  func entries() throws(SystemError) -> [(Element, aegis_entry)] {
    var all: [(Element, aegis_entry)] = []
    try table().visit { if let one = element($0) { all.append((one, $1)) } }
    return all
  }

  func put(_ entries: [(Element, aegis_entry)]) throws(AegisError) -> Bool {
    do {
      switch entries.count {
      case 0: break
      case 1: try table().update(entries[0].1, forKey: key(entries[0].0))
      default: try table().update(entries.map { (key: key($0.0), value: $0.1) })
      }
    } catch {
      guard error.isFull else { throw AegisError(error) }
      return false
    }
    return true
  }

  @discardableResult
  func remove(_ elements: [Element]) throws(AegisError) -> Int {
    try kernel { () throws(SystemError) in
      if elements.count == 1 { return try table().remove(key(elements[0])) ? 1 : 0 }
      return try table().remove(elements.map(key))
    }
  }

  func isEmpty() throws(SystemError) -> Bool { try table().isEmpty() }

  func count() throws(SystemError) -> Int { try table().count() }

  /// In all profiles, as that is what there must be room for.
  func liveCount(at now: UInt64) throws(SystemError) -> Int {
    var count = 0
    try table().visit { if !$1.isExpired(at: now) { count += 1 } }
    return count
  }

  func expired(at now: UInt64) throws(SystemError) -> ExpiredKeys {
    var expired: ExpiredKeys = ([], nil)
    try table().visit { key, entry in
      guard let element = element(key) else { return }
      if entry.isExpired(at: now) {
        expired.entries.append((element, entry))
      } else if entry.expires != 0 {
        expired.next = min(expired.next ?? entry.expires, entry.expires)
      }
    }
    return expired
  }

  func lay(
    _ entry: aegis_entry?, of element: Element, over host: HostDatapath,
    _ config: inout aegis_config
  ) throws(AegisError) {
    guard let entry else { return try host.remove(key(element), in: map) }
    try host.put(entry, for: key(element), in: map)
  }

  func room() throws(SystemError) -> Int { try table().capacity }
}
