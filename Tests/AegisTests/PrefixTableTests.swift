import CAegis
import Testing

@testable import Aegis

@Suite struct PrefixTableTests {
  private static func prefix(_ number: Int, isIPv6: Bool) throws -> Prefix {
    try Prefix(
      isIPv6
        ? "2001:db8:\(String(number, radix: 16))::/48" : "10.\(number >> 8).\(number & 255).0/24"
    )
  }

  @Test(
    "a table has what it was built of, and of equal prefixes the last", arguments: [false, true])
  func built(isIPv6: Bool) throws {
    var list = PrefixItems(isIPv6: isIPv6)
    for number in 0..<1000 { list.append(try Self.prefix(number % 500, isIPv6: isIPv6), .plain) }
    let last = PrefixRecord(expires: 7, note: 1, flags: 2, list: 3)
    list.append(try Self.prefix(9, isIPv6: isIPv6), last)
    let table = try PrefixTable.build(list)
    #expect(table.count == 500)
    #expect(try table.value(of: Self.prefix(9, isIPv6: isIPv6))?.members == [last])
    #expect(try table.value(of: Self.prefix(10, isIPv6: isIPv6))?.members == [.plain])
    #expect(try table.value(of: Self.prefix(500, isIPv6: isIPv6)) == nil)
    let again = table.items(where: { $0.expires == 0 })
    #expect(Set(again.items).count == 499)
    #expect(Set(again.items).isSubset(of: list.items))
  }

  @Test("a line that overflows leads to a larger table", arguments: [false, true])
  func overflows(isIPv6: Bool) throws {
    var table = try PrefixTable.build(PrefixItems(isIPv6: isIPv6))
    var rebuilt = 0
    for number in 0..<2000 {
      let prefix = try Self.prefix(number, isIPv6: isIPv6)
      if table.set(prefix) == .full {
        let larger = try PrefixTable.build(
          table.items(), room: PrefixTable.room(for: table.count, grows: true))
        #expect(larger.count == number)
        #expect(larger.size > table.size)
        table = larger
        rebuilt += 1
        #expect(table.set(prefix) == .added)
      }
      #expect(table.set(prefix) == .unchanged)
    }
    #expect(table.count == 2000)
    #expect((1...20).contains(rebuilt))
    for number in 0..<2000 {
      #expect(try table.value(of: Self.prefix(number, isIPv6: isIPv6)) != nil)
    }
  }

  @Test("of two entries with the same tag only one is in a line; the other one needs another seed")
  func sameTag() throws {
    let seed: (UInt64, UInt64) = (0x9e37_79b9_7f4a_7c15, 0xbf58_476d_1ce4_e5b9)
    let table = try PrefixTable.build(PrefixItems(isIPv6: true))
    table.head.pointee.seed = seed
    var known: [UInt64: UInt128] = [:]
    var pairs: [(Prefix, Prefix)] = []
    var random = SplitMix64(seed: 1)
    while pairs.isEmpty {
      let bits = UInt128(random.next()) << 64 | UInt128(random.next())
      let item = PrefixItem(bits: bits, length: 128)
      let mixed = PrefixKey(item, isIPv6: true, seed).mixed
      let line = UInt64(aegis_prefix_line(mixed, table.head.pointee.lines))
      let other = known.updateValue(bits, forKey: aegis_prefix_tag(mixed) << 8 | line)
      if let other { pairs.append((Prefix(.v6(bits)), Prefix(.v6(other)))) }
    }
    for (one, other) in pairs {
      #expect(table.set(one) == .added)
      #expect(table.set(other) == .full)
      #expect(table.value(of: other) == nil && table.value(of: one) != nil)
      #expect(table.remove(one) == .changed)
      #expect(table.set(other) == .added)
      #expect(table.value(of: one) == nil && table.value(of: other) != nil)
    }
  }

  @Test("hits move to the table that takes its place")
  func hits() throws {
    for text in ["192.0.2.0/24", "2001:db8::/65", "::/0", "0.0.0.0/0", "::1"] {
      let prefix = try Prefix(text)
      let isIPv6 = prefix.address.width == 128
      let table = try PrefixTable.build(PrefixItems(isIPv6: isIPv6))
      #expect(table.set(prefix) == .added)
      table.addHits(5, to: PrefixItem(prefix))
      let next = try PrefixTable.build(table.items())
      table.copyHits(to: next)
      #expect(next.value(of: prefix)?.hits == 5, "\(text)")
      #expect(next.items().items == [PrefixItem(prefix)])
      #expect(table.remove(prefix) == .changed)
      #expect(table.remove(prefix) == .unchanged)
      #expect(table.set(prefix) == .added)
      #expect(table.value(of: prefix)?.hits == 0)
    }
  }

  /// A model of sets: what each list says of each prefix.
  private typealias Sets = [Prefix: [UInt16: PrefixRecord]]

  private static let lists: [UInt16] = [0, 1, 2, 3, 255]
  /// List 3 has expired.
  private static let rules: ListRules = {
    var rows = [aegis_list](repeating: aegis_list(), count: Int(AEGIS_LISTS))
    rows[3].expires = 1
    return ListRules(rows)
  }()

  private static func record(_ random: inout SplitMix64) -> PrefixRecord {
    let list = lists[Int(random.next() % UInt64(lists.count))]
    return switch random.next() % 4 {
    case 0: PrefixRecord(expires: 1 + random.next() % 100, list: list)
    case 1: PrefixRecord(flags: UInt16(AEGIS_ENTRY_MONITOR.rawValue), list: list)
    case 2: PrefixRecord(expires: .max, note: UInt32(random.next() % 50), list: list)
    default: PrefixRecord(list: list)
    }
  }

  private static func members(_ records: [UInt16: PrefixRecord]?) -> PrefixMembers {
    (records ?? [:]).sorted { $0.key < $1.key }.map(\.value)
  }

  /// The table built anew, with what some changes make of it, as `DropTable` does.
  private static func rebuilt(
    _ table: PrefixTable, list: UInt16 = 0, _ changes: [(Prefix, PrefixRecord?)] = []
  ) throws -> PrefixTable {
    let isIPv6 = table.isIPv6
    let items = PrefixItems(of: table, isIPv6: isIPv6, adding: changes.count, list: list) {
      for (prefix, record) in changes { $0(prefix, record) }
    }
    let next = try PrefixTable.build(
      items, room: PrefixTable.room(for: items.items.count, grows: true))
    table.copyHits(to: next)
    return next
  }

  @Test(
    "a table of several lists is as many sets, whatever is added, removed, swept and built anew",
    arguments: [false, true])
  func sets(isIPv6: Bool) throws {
    var random = SplitMix64(seed: isIPv6 ? 6 : 4)
    var table = try PrefixTable.build(PrefixItems(isIPv6: isIPv6))
    var sets: Sets = [:]
    var rebuilt = 0
    func forgetExpired() {
      sets = sets.compactMapValues { records in
        let kept = records.filter { !$0.value.isExpired(at: 1000) }
        return kept.isEmpty ? nil : kept
      }
    }
    for step in 1...20_000 {
      let prefix = try Self.prefix(Int(random.next() % 300), isIPv6: isIPv6)
      let record = Self.record(&random)
      switch random.next() % 2000 {
      case 0...1:
        let kept = sets.mapValues { $0.filter { !Self.rules.isExpired($0.value, at: 1000) } }
        let count = sets.count { kept[$0.key]!.count < $0.value.count }
        if table.isWorn() {
          table = try Self.rebuilt(table)
          forgetExpired()
        }
        let swept = table.sweep(at: 1000, Self.rules)
        #expect(swept <= count)
        // What stays in other lists stays as it was where there is no room for another record.
        for (prefix, records) in kept {
          let left = table.value(of: prefix)?.members ?? []
          if left == Self.members(records) {
            sets[prefix] = records.isEmpty ? nil : records
          } else {
            #expect(!records.isEmpty && table.isWorn() && left == Self.members(sets[prefix]))
          }
        }
      case 2...4:
        table = try Self.rebuilt(table)
        forgetExpired()
      case 5...1200:
        let old = sets[prefix]?.updateValue(record, forKey: record.list)
        let isNew = sets[prefix] == nil
        if isNew { sets[prefix] = [record.list: record] }
        var change = table.set(prefix, record)
        if change == .full {
          // Without those that have expired, even if this one is.
          let isLast = sets[prefix]
          table = try Self.rebuilt(table, list: record.list, [(prefix, record)])
          rebuilt += 1
          forgetExpired()
          var members = isLast?.filter { !$0.value.isExpired(at: 1000) } ?? [:]
          members[record.list] = record
          sets[prefix] = members
          change = isNew ? .added : .changed
        } else {
          #expect(change == (isNew ? .added : old == record ? .unchanged : .changed), "\(step)")
        }
      default:
        let removed = sets[prefix]?.removeValue(forKey: record.list)
        if sets[prefix]?.isEmpty ?? false { sets[prefix] = nil }
        let change = table.remove(prefix, from: record.list)
        if change == .full {
          // As `DropTable.remove` has it: without the entry, and without those that have expired.
          table = try Self.rebuilt(table, list: record.list, [(prefix, nil)])
          rebuilt += 1
          forgetExpired()
        } else {
          #expect(change == (removed == nil ? .unchanged : .changed), "\(step)")
        }
      }
      #expect(table.value(of: prefix)?.members ?? [] == Self.members(sets[prefix]), "\(step)")
      if step.isMultiple(of: 500) { Self.check(table, is: sets, after: step) }
    }
    Self.check(table, is: sets, after: 20_000)
    #expect(rebuilt > 0)
  }

  private static func check(_ table: PrefixTable, is sets: Sets, after step: Int) {
    #expect(table.count == sets.count, "\(step)")
    let members = table.allMembers
    var seen: Sets = [:]
    table.visit { item, _ in
      seen[Prefix(item, isIPv6: table.isIPv6)] = Dictionary(
        uniqueKeysWithValues: members[Int(item.record)].map { ($0.list, $0) })
    }
    #expect(seen == sets, "\(step)")
    for (prefix, records) in sets {
      let found = table.value(of: prefix)?.members
      #expect(found == self.members(records), "\(step), \(prefix)")
    }
  }
}
