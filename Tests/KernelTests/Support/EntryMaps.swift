import BPF
import CAegis
import Linux

@testable import Aegis
@testable import TestModel

/// The maps of drop entries and keys.
struct EntryMaps: ~Copyable {
  static let names = aegis_map.all.filter(\.isList).map(\.name)

  private let dropV4: BPFMap<UInt32, aegis_entry>
  private let dropV6: BPFMap<aegis_address, aegis_entry>
  private let dropPrefixV4: BPFMap<aegis_prefix_v4, aegis_entry>
  private let dropPrefixV6: BPFMap<aegis_prefix_v6, aegis_entry>
  private let key: BPFMap<aegis_key, aegis_entry>
  private let keyPrefix: BPFMap<aegis_key_prefix, aegis_entry>
  private let protect: BPFMap<aegis_key, aegis_entry>
  private let protectPrefix: BPFMap<aegis_key_prefix, aegis_entry>

  /// A map that is not copyable is stored only after the last of them was found.
  init(of object: borrowing some Maps & ~Copyable) throws {
    let dropV4: BPFMap<UInt32, aegis_entry> = try object.map(AEGIS_MAP_drop_v4.name)
    let dropV6: BPFMap<aegis_address, aegis_entry> = try object.map(AEGIS_MAP_drop_v6.name)
    let dropPrefixV4: BPFMap<aegis_prefix_v4, aegis_entry> = try object.map(
      AEGIS_MAP_drop_prefix_v4.name)
    let dropPrefixV6: BPFMap<aegis_prefix_v6, aegis_entry> = try object.map(
      AEGIS_MAP_drop_prefix_v6.name)
    let key: BPFMap<aegis_key, aegis_entry> = try object.map(AEGIS_MAP_key.name)
    let keyPrefix: BPFMap<aegis_key_prefix, aegis_entry> = try object.map(AEGIS_MAP_key_prefix.name)
    let protect: BPFMap<aegis_key, aegis_entry> = try object.map(AEGIS_MAP_protect.name)
    let protectPrefix: BPFMap<aegis_key_prefix, aegis_entry> = try object.map(
      AEGIS_MAP_protect_prefix.name)
    self.dropV4 = dropV4
    self.dropV6 = dropV6
    self.dropPrefixV4 = dropPrefixV4
    self.dropPrefixV6 = dropPrefixV6
    self.key = key
    self.keyPrefix = keyPrefix
    self.protect = protect
    self.protectPrefix = protectPrefix
  }

  func clear() throws {
    try dropV4.clear()
    try dropV6.clear()
    try dropPrefixV4.clear()
    try dropPrefixV6.clear()
    try key.clear()
    try keyPrefix.clear()
    try protect.clear()
    try protectPrefix.clear()
  }

  /// Every entry with its hits.
  func state() throws -> [[UInt8]] {
    try [
      bytes(dropV4.entries()), bytes(dropV6.entries()), bytes(dropPrefixV4.entries()),
      bytes(dropPrefixV6.entries()), bytes(key.entries()), bytes(keyPrefix.entries()),
      bytes(protect.entries()), bytes(protectPrefix.entries()),
    ]
  }

  func write(_ drop: Policy.Drop) throws {
    let (prefix, length) = (drop.prefix, drop.prefix.length)
    let entry = aegis_entry(
      isExpired: drop.isExpired, isMonitored: drop.isMonitored, length: length)
    switch (prefix.address, prefix.isHost) {
    case (.v4(let bits), true):
      try dropV4.update(entry, forKey: bits.bigEndian)
    case (.v4(let bits), false):
      try dropPrefixV4.update(
        entry, forKey: aegis_prefix_v4(length: UInt32(length), address: bits.bigEndian))
    case (.v6, true):
      try dropV6.update(entry, forKey: aegis_address(prefix.address))
    case (.v6, false):
      let address = aegis_address(prefix.address)
      try dropPrefixV6.update(
        entry, forKey: aegis_prefix_v6(length: UInt32(length), address: address))
    }
  }

  /// - Parameter rate: The number of its own rate; 0 is none.
  func write(_ listed: Policy.Key, rate: UInt32 = 0) throws {
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
