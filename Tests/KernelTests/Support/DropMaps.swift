import BPF
import CAegis
import CHost
import Linux

@testable import Aegis
@testable import TestModel

/// The drop list of a program: the tables, or in layouts up to 5 the hash maps and tries.
enum DropMaps: @unchecked Sendable {
  case tables(DropTables)
  case past(PastDropMaps)

  init(of maps: borrowing some Maps & ~Copyable) throws {
    if let past = try? PastDropMaps(of: maps) {
      self = .past(past)
    } else {
      self = .tables(try DropTables(of: maps))
    }
  }

  /// Puts a list in the place of the one before.
  func write(_ drops: [Policy.Drop]) throws {
    switch self {
    case .tables(let tables): try tables.write(drops)
    case .past(let maps): try maps.write(drops)
    }
  }

  /// Has the datapath look into it.
  func announce(_ drops: [Policy.Drop], in config: inout aegis_config) {
    for drop in drops {
      let isIPv6 = drop.prefix.address.width == 128
      switch (self, isIPv6) {
      case (.tables, false): config.stages |= AEGIS_STAGE_DROP_V4.rawValue
      case (.tables, true): config.stages |= AEGIS_STAGE_DROP_V6.rawValue
      case (.past, _):
        let (host, prefix) =
          isIPv6
          ? (AEGIS5_STAGE_DROP_V6, AEGIS5_STAGE_DROP_PREFIX_V6)
          : (AEGIS5_STAGE_DROP_V4, AEGIS5_STAGE_DROP_PREFIX_V4)
        config.stages |= (drop.prefix.isHost ? host : prefix).rawValue
      }
    }
    (config.drop_v4, config.drop_v6) = (1, 1)
  }

  /// Every entry with its hits.
  func state() throws -> [[UInt8]] {
    switch self {
    case .tables(let tables): tables.state()
    case .past(let maps): try maps.state()
    }
  }
}

/// A table for each family in the first slot, which tests write while no packet comes: no other map is put there.
final class DropTables {
  private static let elements = 4096

  private let arrays: [MappedInnerArray]
  private let heads: BPFMap<UInt32, aegis_prefix_head>
  private var tables: [PrefixTable?] = [nil, nil]

  init(of maps: borrowing some Maps & ~Copyable) throws {
    let outer = DescriptorArray(
      try maps.descriptor(ofMap: AEGIS_MAP_drop.name), named: AEGIS_MAP_drop.name)
    heads = try maps.map(AEGIS_MAP_drop_head.name)
    arrays = try (0..<2).map { index in
      let array = try MappedInnerArray(
        named: "test_drop", count: Self.elements, valueSize: PrefixTable.elementSize)
      try outer.put(array.map, at: UInt32(index))
      return array
    }
  }

  func write(_ drops: [Policy.Drop]) throws {
    for (index, isIPv6) in [false, true].enumerated() {
      var list = PrefixItems(isIPv6: isIPv6)
      var members: [Prefix: PrefixMembers] = [:]
      for drop in drops where (drop.prefix.address.width == 128) == isIPv6 {
        let record = PrefixRecord(
          expires: drop.isExpired ? 1 : 0,
          flags: drop.isMonitored ? UInt16(AEGIS_ENTRY_MONITOR.rawValue) : 0,
          list: UInt16(drop.list))
        members[drop.prefix] = (members[drop.prefix] ?? []).with(record)
      }
      for (prefix, members) in members {
        list.items.append(PrefixItem(prefix, record: list.records.number(of: members)))
      }
      if list.items.isEmpty, tables[index]?.count ?? 0 == 0 { continue }
      let table = try PrefixTable.build(list)
      precondition(table.size <= Self.elements * PrefixTable.elementSize)
      arrays[index].memory.copyMemory(from: table.elements, byteCount: table.size)
      try heads.update(table.head.pointee, forKey: UInt32(index))
      tables[index] = PrefixTable(
        isIPv6: isIPv6,
        in: PrefixTable.Memory(elements: arrays[index].memory, owner: arrays[index]))
    }
  }

  func state() -> [[UInt8]] {
    tables.map { table in
      var entries: [(UInt128, UInt8, UInt64)] = []
      table?.visit { item, hits in entries.append((item.bits, item.length, hits)) }
      return entries.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.flatMap { bits, length, hits in
        withUnsafeBytes(of: bits, Array.init) + [length] + withUnsafeBytes(of: hits, Array.init)
      }
    }
  }

  /// Pins the tables where the product looks for them.
  func pin(in directory: String) throws {
    try FileSystem.makeDirectory(directory)
    for (index, array) in arrays.enumerated() {
      try array.map.pin(at: directory + "/" + InnerPin(index: UInt32(index)).name)
    }
  }

  /// What the library looks into, by the index in `drop`.
  var nodes: [aegis_host_nodes] {
    arrays.map { array in
      aegis_host_nodes(array.memory, bytes: Self.elements * PrefixTable.elementSize)
    }
  }
}

final class PastDropMaps {
  private let hostsV4: BPFMap<UInt32, aegis_entry>
  private let hostsV6: BPFMap<aegis_address, aegis_entry>
  private let prefixesV4: BPFMap<aegis_prefix_v4, aegis_entry>
  private let prefixesV6: BPFMap<aegis_prefix_v6, aegis_entry>

  init(of maps: borrowing some Maps & ~Copyable) throws {
    hostsV4 = try maps.map(AEGIS5_DROP_V4)
    hostsV6 = try maps.map(AEGIS5_DROP_V6)
    prefixesV4 = try maps.map(AEGIS5_DROP_PREFIX_V4)
    prefixesV6 = try maps.map(AEGIS5_DROP_PREFIX_V6)
  }

  static let names = [
    AEGIS5_DROP_V4, AEGIS5_DROP_V6, AEGIS5_DROP_PREFIX_V4, AEGIS5_DROP_PREFIX_V6,
  ]

  func write(_ drops: [Policy.Drop]) throws {
    try hostsV4.clear()
    try hostsV6.clear()
    try prefixesV4.clear()
    try prefixesV6.clear()
    for drop in drops { try write(drop) }
  }

  private func write(_ drop: Policy.Drop) throws {
    let (prefix, length) = (drop.prefix, drop.prefix.length)
    let entry = aegis_entry(
      isExpired: drop.isExpired, isMonitored: drop.isMonitored, length: length)
    switch (prefix.address, prefix.isHost) {
    case (.v4(let bits), true): try hostsV4.update(entry, forKey: bits.bigEndian)
    case (.v4(let bits), false):
      try prefixesV4.update(
        entry, forKey: aegis_prefix_v4(length: UInt32(length), address: bits.bigEndian))
    case (.v6, true): try hostsV6.update(entry, forKey: aegis_address(prefix.address))
    case (.v6, false):
      let address = aegis_address(prefix.address)
      try prefixesV6.update(
        entry, forKey: aegis_prefix_v6(length: UInt32(length), address: address))
    }
  }

  func state() throws -> [[UInt8]] {
    try [
      bytes(hostsV4.entries()), bytes(hostsV6.entries()), bytes(prefixesV4.entries()),
      bytes(prefixesV6.entries()),
    ]
  }
}
