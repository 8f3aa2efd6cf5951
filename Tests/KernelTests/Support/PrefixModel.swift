import CAegis
import Linux

@testable import Aegis
@testable import TestModel

/// Which prefix decides on an address, by a search among sorted prefixes that know the one around them.
struct PrefixModel {
  private struct Node {
    let bits: UInt128
    let length: Int
    /// What each list says, in the order of their numbers.
    let members: [PrefixRecord]
    /// The longest prefix around it.
    let around: Int?
    var hits: UInt64 = 0

    func contains(_ address: UInt128) -> Bool {
      length == 0 || (address ^ bits) >> UInt128(128 - length) == 0
    }
  }

  private var nodes: [Node] = []
  private let width: Int
  private let lists: [aegis_list]
  private let now = Clock.boottime()

  /// The last of equal prefixes counts.
  ///
  /// - Parameter lists: By number.
  init(_ list: PrefixItems, _ lists: [aegis_list]) {
    self.lists = lists
    width = list.isIPv6 ? 128 : 32
    var last: [PrefixItem: PrefixItem] = [:]
    for item in list.items { last[PrefixItem(bits: item.bits, length: Int(item.length))] = item }
    var around: [Int] = []
    for item in last.values.sorted(by: { ($0.bits, $0.length) < ($1.bits, $1.length) }) {
      while let inner = around.last, !nodes[inner].contains(item.bits) { around.removeLast() }
      nodes.append(
        Node(
          bits: item.bits, length: Int(item.length),
          members: Self.members(of: item.record) { list.records.values[Int($0)] },
          around: around.last))
      around.append(nodes.count - 1)
    }
  }

  var count: Int { nodes.count }

  /// Follows `next` from one record to the other.
  private static func members(
    of number: UInt32, _ record: (UInt32) -> PrefixRecord
  ) -> [PrefixRecord] {
    var members = [record(number)]
    while let next = members.last?.next, next != 0 { members.append(record(next)) }
    for place in members.indices { members[place].next = 0 }
    return members
  }

  /// Whether a list's entry drops or only counts; nil if it does nothing.
  private func drops(_ record: PrefixRecord) -> Bool? {
    if record.expires != 0 && record.expires <= now { return nil }
    var isMonitored = record.flags & UInt16(AEGIS_ENTRY_MONITOR.rawValue) != 0
    if record.list != 0 {
      guard Int(record.list) < lists.count else { return nil }
      let list = lists[Int(record.list)]
      if list.expires != 0 && list.expires <= now { return nil }
      if list.flags & AEGIS_LIST_SET.rawValue != 0 { return nil }
      if list.flags & AEGIS_LIST_MONITOR.rawValue != 0 { isMonitored = true }
    }
    return !isMonitored
  }

  /// AEGIS_FOUND for an address that is aligned to the left; counts the hits.
  mutating func found(_ address: UInt128) -> UInt64 {
    var (low, high) = (0, nodes.count)
    while low < high {
      let middle = (low + high) / 2
      if nodes[middle].bits <= address { low = middle + 1 } else { high = middle }
    }
    var next = low > 0 ? low - 1 : nil as Int?
    var monitored: UInt64 = 0
    while let index = next {
      next = nodes[index].around
      if !nodes[index].contains(address) { continue }
      let what = UInt64(nodes[index].length) << 32
      let host: UInt64 = nodes[index].length == width ? 1 : 0
      var (hasHit, isCounted) = (false, false)
      for record in nodes[index].members.prefix(Int(AEGIS_PREFIX_LISTS)) {
        guard let drops = drops(record) else { continue }
        hasHit = true
        let list = UInt64(record.list) << 48
        if drops {
          nodes[index].hits += 1
          return what | list | host << 29 | 1 | (monitored & (2 | 1 << 30))
        }
        if !isCounted { monitored = what | list | host << 30 | 2 }
        isCounted = true
      }
      if hasHit { nodes[index].hits += 1 }
    }
    return monitored
  }

  /// Prefixes with other hits or another record than in a table, and those that only one has.
  func differences(from table: PrefixTable) -> Int {
    var there: [PrefixItem: ([PrefixRecord], UInt64)] = [:]
    table.visit { item, hits in
      let members = Self.members(of: item.record) { PrefixRecord(table.record($0).pointee) }
      there[PrefixItem(bits: item.bits, length: Int(item.length))] = (members, hits)
    }
    var wrong = max(there.count - nodes.count, 0)
    for node in nodes {
      let value = there[PrefixItem(bits: node.bits, length: node.length)]
      if value?.0 != node.members || value?.1 != node.hits { wrong += 1 }
    }
    return wrong
  }

  /// Edges of prefixes, addresses beside and in them, and random ones.
  func addresses(_ count: Int, _ random: inout SeededGenerator) -> [UInt128] {
    let host: UInt128 = .max << UInt128(128 - width)
    return (0..<count).map { number in
      let node = nodes[Int.random(in: 0..<nodes.count, using: &random)]
      let some = UInt128(random.next()) << 64 | UInt128(random.next())
      let inside: UInt128 = node.length == 128 ? 0 : .max >> UInt128(node.length)
      let one = (1 as UInt128) << UInt128(128 - width)
      let address: UInt128 =
        switch number % 7 {
        case 0: node.bits
        case 1: node.bits | inside
        case 2: node.bits &- one
        case 3: (node.bits | inside) &+ one
        case 4: node.bits | (some & inside)
        case 5: node.bits ^ (some >> UInt128(random.pick(max(node.length - 8, 0)...128) % 128))
        default: some
        }
      return address & host
    }
  }
}
