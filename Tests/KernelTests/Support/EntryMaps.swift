import BPF
import CAegis
import Linux

@testable import Aegis
@testable import TestModel

/// The maps of keys, and the drop list.
struct EntryMaps: ~Copyable {
  let drops: DropMaps
  private let key: BPFMap<aegis_key, aegis_entry>
  private let keyPrefix: BPFMap<aegis_key_prefix, aegis_entry>
  private let protect: BPFMap<aegis_key, aegis_entry>
  private let protectPrefix: BPFMap<aegis_key_prefix, aegis_entry>

  /// Makes room in an object that is not loaded yet.
  static func makeRoom(for entries: UInt32, in object: borrowing BPFObject) throws {
    let names = KeyList.maps.map(\.name) + PastDropMaps.names
    for name in names where object.mapNames.contains(name) {
      try object.setMaxEntries(entries, ofMap: name)
    }
  }

  /// A map that is not copyable is stored only after the last of them was found.
  init(of object: borrowing some Maps & ~Copyable) throws {
    let key: BPFMap<aegis_key, aegis_entry> = try object.map(AEGIS_MAP_key.name)
    let keyPrefix: BPFMap<aegis_key_prefix, aegis_entry> = try object.map(AEGIS_MAP_key_prefix.name)
    let protect: BPFMap<aegis_key, aegis_entry> = try object.map(AEGIS_MAP_protect.name)
    let protectPrefix: BPFMap<aegis_key_prefix, aegis_entry> = try object.map(
      AEGIS_MAP_protect_prefix.name)
    drops = try DropMaps(of: object)
    self.key = key
    self.keyPrefix = keyPrefix
    self.protect = protect
    self.protectPrefix = protectPrefix
  }

  /// Puts a policy in the place of the one before.
  ///
  /// - Parameter rate: The number of the own rate of the key at a place; 0 is none.
  func write(_ policy: Policy, rate: (Int) -> UInt32 = { _ in 0 }) throws {
    try drops.write(policy.drops)
    try key.clear()
    try keyPrefix.clear()
    try protect.clear()
    try protectPrefix.clear()
    for (place, key) in policy.keys.enumerated() { try write(key, rate: rate(place)) }
  }

  /// Every entry with its hits.
  func state() throws -> [[UInt8]] {
    try drops.state() + [
      bytes(key.entries()), bytes(keyPrefix.entries()), bytes(protect.entries()),
      bytes(protectPrefix.entries()),
    ]
  }

  /// - Parameter rate: The number of its own rate; 0 is none.
  private func write(_ listed: Policy.Key, rate: UInt32) throws {
    var entry = aegis_entry(
      isExpired: listed.isExpired, isProtected: listed.isProtected,
      length: listed.key.source?.length ?? 0)
    entry.rate = rate
    let head = aegis_key(listed.key)
    let bits = UInt32(listed.key.source?.length ?? 0)
    let prefix = aegis_key_prefix(length: AEGIS_KEY_HEAD_BITS + bits, key: head)
    switch (listed.isProtected, listed.key.isPrefix) {
    case (false, false): try key.update(entry, forKey: head)
    case (false, true): try keyPrefix.update(entry, forKey: prefix)
    case (true, false): try protect.update(entry, forKey: head)
    case (true, true): try protectPrefix.update(entry, forKey: prefix)
    }
  }
}

/// Whatever has maps by their names.
protocol Maps: ~Copyable {
  func descriptor(ofMap name: String) throws -> FileDescriptor
}

extension Maps where Self: ~Copyable {
  func map<Key: BitwiseCopyable, Value: BitwiseCopyable>(
    _ name: String
  ) throws -> BPFMap<Key, Value> {
    try BPFMap(descriptor(ofMap: name), name: name)
  }
}

extension BPFObject: Maps {
  func descriptor(ofMap name: String) throws -> FileDescriptor { try mapDescriptor(name) }
}

func bytes<Value>(_ values: [Value]) -> [UInt8] { values.withUnsafeBytes(Array.init) }

extension BPFMap {
  func clear() throws {
    guard try !isEmpty() else { return }
    try remove(entries().map(\.key))
  }
}
