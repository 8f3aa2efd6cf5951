import BPF
import CAegis
import CHost
import Linux

@testable import Aegis
@testable import TestModel

/// The maps of rates beside the default one.
struct RuleMaps: ~Copyable, Sendable {
  private let ports: BPFMap<aegis_port, aegis_rates>
  private let prefixes: BPFMap<aegis_key_prefix, aegis_rates>
  private let totals: BPFMap<aegis_key_prefix, aegis_rates>
  private let own: BPFMap<UInt32, aegis_rates>

  init(of maps: borrowing some Maps & ~Copyable) throws {
    let ports: BPFMap<aegis_port, aegis_rates> = try maps.map(AEGIS_MAP_rate_port.name)
    let prefixes: BPFMap<aegis_key_prefix, aegis_rates> = try maps.map(AEGIS_MAP_rate_prefix.name)
    let totals: BPFMap<aegis_key_prefix, aegis_rates> = try maps.map(AEGIS_MAP_total_prefix.name)
    let own: BPFMap<UInt32, aegis_rates> = try maps.map(AEGIS_MAP_key_rate.name)
    self.ports = ports
    self.prefixes = prefixes
    self.totals = totals
    self.own = own
  }

  func put(_ rules: Rules) throws {
    try ports.clear()
    try prefixes.clear()
    try totals.clear()
    try own.clear()
    try ports.update(rules.ports)
    try prefixes.update(rules.prefixes)
    try totals.update(rules.totals)
    try own.update(rules.own)
  }
}

/// The maps of classes, beside tables of countries that are always there.
final class ClassMaps {
  private let countries: BPFMap<UInt32, aegis_country_classes>
  private let prefixes: BPFMap<aegis_key_prefix, aegis_class_prefix>
  private let rates: BPFMap<UInt32, aegis_rates>
  private let counters: PerCPUMap<aegis_class_counters>

  init(of maps: borrowing BPFObject) throws {
    let countries: BPFMap<UInt32, aegis_country_classes> = try maps.map(
      AEGIS_MAP_country_class.name)
    let prefixes: BPFMap<aegis_key_prefix, aegis_class_prefix> = try maps.map(
      AEGIS_MAP_class_prefix.name)
    let rates: BPFMap<UInt32, aegis_rates> = try maps.map(AEGIS_MAP_rate_class.name)
    let name = AEGIS_MAP_class_counters.name
    let counters = try PerCPUMap<aegis_class_counters>(maps.descriptor(ofMap: name), name: name)
    self.countries = countries
    self.prefixes = prefixes
    self.rates = rates
    self.counters = counters
    let geo: BPFMap<UInt32, Int32> = try maps.map(AEGIS_MAP_geo.name)
    for (index, words) in CountryTables.words {
      let map = try AnyBPFMap.innerArray(
        named: "test_geo", of: words, valueSize: MemoryLayout<aegis_geo_node>.size)
      try geo.update(map.descriptor.rawValue, forKey: index)
      extendLifetime(map)
    }
  }

  func put(_ policy: Policy, _ rules: Rules) throws {
    var numbers = aegis_country_classes()
    try withUnsafeMutableBytes(of: &numbers.number) { numbers in
      for one in policy.classes {
        for country in one.countries {
          numbers[Int(try CountryCode(country).rawValue)] = UInt8(one.number)
        }
      }
    }
    try countries.update(numbers, forKey: 0)
    try prefixes.clear()
    for one in policy.classes {
      try prefixes.update(
        one.prefixes.map { prefix in
          let key = aegis_key_prefix(prefix)
          return (key, aegis_class_prefix(number: UInt32(one.number), length: key.length))
        })
    }
    try rates.update((0..<AEGIS_CLASSES).map { (key: $0, value: aegis_rates()) })
    try rates.update(rules.classes)
  }

  /// By number, of all CPUs.
  func counts() throws -> [aegis_class_counters] {
    try (0..<AEGIS_CLASSES).map { number in
      try counters.values(at: number).reduce(into: aegis_class_counters()) { sum, one in
        sum.verdict.0.packets += one.verdict.0.packets
        sum.verdict.1.packets += one.verdict.1.packets
        sum.would_drop.packets += one.would_drop.packets
      }
    }
  }
}

/// What lists of drop entries count.
final class ListMaps {
  private let counters: PerCPUMap<aegis_list_counters>

  init(of maps: borrowing BPFObject) throws {
    let name = AEGIS_MAP_list_counters.name
    counters = try PerCPUMap<aegis_list_counters>(maps.descriptor(ofMap: name), name: name)
  }

  /// By number, of all CPUs.
  func counts() throws -> [aegis_list_counters] {
    try (0..<AEGIS_LISTS).map { try counters.values(at: $0).reduce(into: .init(), +=) }
  }
}

extension aegis_list {
  /// By number.
  static func rows(of policy: Policy) -> [aegis_list] {
    var rows = [aegis_list](repeating: aegis_list(), count: Int(AEGIS_LISTS))
    for list in policy.lists {
      rows[list.number].expires = list.isExpired ? 1 : 0
      rows[list.number].flags =
        (list.isSet ? AEGIS_LIST_SET.rawValue : 0)
        | (list.isMonitored ? AEGIS_LIST_MONITOR.rawValue : 0)
    }
    return rows
  }
}

extension aegis_list_counters {
  static func += (sum: inout Self, one: Self) {
    sum.dropped.packets += one.dropped.packets
    sum.dropped.bytes += one.dropped.bytes
    sum.would_drop.packets += one.would_drop.packets
    sum.would_drop.bytes += one.would_drop.bytes
  }

  /// Packets and bytes, dropped and would-drop.
  var numbers: [UInt64] {
    [dropped.packets, dropped.bytes, would_drop.packets, would_drop.bytes]
  }
}

extension aegis_class_counters {
  /// Passed, dropped and would-drop.
  var packets: [UInt64] { [verdict.0.packets, verdict.1.packets, would_drop.packets] }
}

/// The tables of countries of the model, as the product compiles them.
enum CountryTables {
  /// By their index in `geo`.
  static let words: [(index: UInt32, words: [UInt32])] = Countries.all.flatMap { countries in
    let table = try! GeoTable([GeoFile(name: "test", bytes: Array(countries.text.utf8))])
    let index = UInt32(countries.number) * 2
    return [(index, table.v4.words), (index + 1, table.v6.words)]
  }

  /// They stay as long as the process.
  nonisolated(unsafe) static let nodes: [(index: UInt32, nodes: aegis_host_nodes)] = words.map {
    index, words in
    let copy = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: words.count)
    _ = copy.initialize(from: words)
    return (index, aegis_host_nodes(copy.baseAddress!, bytes: words.count * 4))
  }
}
