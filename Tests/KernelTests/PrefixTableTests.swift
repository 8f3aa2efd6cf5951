import CAegis
import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// The prefix that the datapath finds for an address.
  @Suite struct PrefixTableTests {
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    private static let count =
      Machine.few(isExhaustive ? 2000 : 200, atLeast: 10) * 1024
    private static let entries = Machine.few(isExhaustive ? 500_000 : 20_000, atLeast: 5000)

    enum List: CaseIterable {
      case hosts, blocks, random, nested, hosts6, blocks6, random6, nested6
      /// The ranges of tor-geoipdb.
      case countries, countries6

      static let there = allCases.filter { list in
        list.file.map(FileManager.default.fileExists) ?? true
      }

      var isIPv6: Bool {
        switch self {
        case .hosts, .blocks, .random, .nested, .countries: false
        case .hosts6, .blocks6, .random6, .nested6, .countries6: true
        }
      }

      private var file: String? {
        switch self {
        case .countries: "/usr/share/tor/geoip"
        case .countries6: "/usr/share/tor/geoip6"
        default: nil
        }
      }

      private func length(_ random: inout SeededGenerator) -> Int {
        switch self {
        case .hosts: 32
        case .hosts6: 128
        case .blocks: random.chance(4) ? random.pick(16...31) : 32
        case .blocks6: random.pick([128, 128, 128, 64, 64, 56, 48, 36, 65])
        case .random: random.pick(8...32)
        case .random6: random.pick(20...64)
        case .nested: random.pick(0...32)
        case .nested6, .countries, .countries6: random.pick(0...128)
        }
      }

      /// 60 % of what lists say is expired or only monitors.
      func items(_ count: Int, _ random: inout SeededGenerator) throws -> PrefixItems {
        if let file { return try countries(file, count, &random) }
        var list = PrefixItems(isIPv6: isIPv6)
        let places = (0..<count / 50 + 1).map { _ in
          UInt128(random.next()) << 64 | UInt128(random.next())
        }
        let isNested = self == .nested || self == .nested6
        for _ in 0..<count {
          let length = length(&random)
          let some = UInt128(random.next()) << 64 | UInt128(random.next())
          let kept = isNested ? random.pick(0...127) : self == .random6 ? 20 : 32
          var bits = some
          if isIPv6 || isNested {
            bits = random.pick(places) & ~(.max >> UInt128(kept)) | some & (.max >> UInt128(kept))
          }
          bits &= length == 0 ? 0 : .max << UInt128(128 - length)
          let number = list.records.number(of: PrefixTableTests.members(&random))
          list.items.append(PrefixItem(bits: bits, length: length, record: number))
        }
        return list
      }

      /// All of a file, or about so many prefixes of it.
      private func countries(
        _ file: String, _ count: Int, _ random: inout SeededGenerator
      ) throws -> PrefixItems {
        let read = try GeoTextReader.read(#require(GeoFile.read([file]).first), as: .ranges)
        let ranges = (isIPv6 ? read.v6 : read.v4).ranges
        var list = PrefixItems(isIPv6: isIPv6)
        for range in ranges
        where PrefixTableTests.isExhaustive || random.pick(1...ranges.count) <= count / 2 {
          let ends = [range.first, range.last].map { bits -> IPAddress in
            isIPv6 ? .v6(bits) : .v4(UInt32(truncatingIfNeeded: bits >> 96))
          }
          for prefix in AddressRange.prefixes(from: ends[0], to: ends[1]) {
            let number = list.records.number(of: PrefixTableTests.members(&random))
            list.items.append(PrefixItem(prefix, record: number))
          }
        }
        return list
      }
    }

    /// The lists: some monitored, some of action none, some expired.
    private static let lists: [aegis_list] = (0..<AEGIS_LISTS).map { number in
      var list = aegis_list()
      switch number {
      case 5, 12: list.flags = AEGIS_LIST_MONITOR.rawValue
      case 6, 13: list.flags = AEGIS_LIST_SET.rawValue
      case 7, 14: list.expires = 1
      case 8: list.expires = .max
      // Those of `manual` are never asked for.
      case 0: (list.flags, list.expires) = (AEGIS_LIST_SET.rawValue, 1)
      default: break
      }
      return list
    }

    private static func record(_ random: inout SeededGenerator) -> PrefixRecord {
      // No list has the number .max.
      var record = PrefixRecord(
        list: random.pick([0, 0, 0, 1, 5, 6, 7, 8, 255, .max, UInt16(random.pick(0...16))]))
      switch random.pick(0...9) {
      case 0...2: record.expires = UInt64(random.pick(1...100))
      case 3...5: record.flags = UInt16(AEGIS_ENTRY_MONITOR.rawValue)
      case 6: (record.expires, record.note) = (.max, UInt32(random.pick(0...1000)))
      default: break
      }
      return record
    }

    /// Mostly of one list, else of up to 19, of which the datapath sees the first 16.
    private static func members(_ random: inout SeededGenerator) -> PrefixMembers {
      let count = random.chance(3) ? random.pick([2, 3, 60]) : 1
      return (0..<count).reduce([]) { members, _ in members.with(record(&random)) }
    }

    /// Asks the kernel and the model, and compares what they count too.
    private static func compare(
      _ program: PrefixProgram, _ table: PrefixTable, _ model: inout PrefixModel,
      _ addresses: [UInt128], slot: UInt32 = 0
    ) throws -> (wrong: Int, found: Int) {
      let answers = try program.found(addresses, isIPv6: table.isIPv6, slot: slot)
      var (wrong, found) = (0, 0)
      for (address, answer) in zip(addresses, answers) {
        if model.found(address) != answer { wrong += 1 }
        if answer != 0 { found += 1 }
      }
      return (wrong + model.differences(from: table), found)
    }

    @Test("is the longest that decides, and every hit is counted", arguments: List.there)
    func agrees(_ list: List) throws {
      let program = try PrefixProgram()
      try program.set(Self.lists)
      var random = SeededGenerator(seed: 18)
      let items = try list.items(Self.entries, &random)
      let clock = ContinuousClock()
      var built: PrefixTable?
      let building = try clock.measure { built = try program.install(items) }
      let table = try #require(built)
      var model = PrefixModel(items, Self.lists)
      #expect(table.count == model.count)
      let addresses = model.addresses(Self.count, &random)
      let (wrong, found) = try Self.compare(program, table, &model, addresses)
      #expect(wrong == 0)
      print(
        "prefixes: \(list), \(table.count) entries, \(table.lengths.count) lengths, "
          + "\(table.size) bytes, built in \(building), "
          + "\(found) of \(addresses.count) found, \(wrong) wrong")
    }

    @Test("is the same in a table that was made without `near`")
    func withoutNear() throws {
      let program = try PrefixProgram()
      try program.set(Self.lists)
      var random = SeededGenerator(seed: 19)
      var items = try List.nested6.items(5000, &random)
      let table = try program.install(items, hasNear: false)
      let added = try Prefix("2001:db8:19::/48")
      #expect(table.set(added) == .added)
      items.append(added)
      var model = PrefixModel(items, Self.lists)
      let addresses = model.addresses(Self.count, &random)
      #expect(try Self.compare(program, table, &model, addresses).wrong == 0)
    }

    @Test("follows every addition, change and removal", arguments: [false, true])
    func edited(isIPv6: Bool) throws {
      let program = try PrefixProgram()
      try program.set(Self.lists)
      var random = SeededGenerator(seed: 5)
      let width = isIPv6 ? 128 : 32
      let places = (0..<8).map { _ in UInt128(random.next()) << 64 | UInt128(random.next()) }
      var expected: [PrefixItem: PrefixMembers] = [:]
      var (slot, rebuilt): (UInt32, Int) = (0, 0)
      var table = try program.install(PrefixItems(isIPv6: isIPv6))
      for step in 1...Machine.few(20_000, atLeast: 2000) {
        let some = UInt128(random.next()) << 64 | UInt128(random.next())
        let kept = UInt128(random.pick(0...width - 1))
        let bits = random.pick(places) & ~(.max >> kept) | some & (.max >> kept)
        var prefix = try #require(
          Prefix(
            address: isIPv6 ? .v6(bits) : .v4(UInt32(truncatingIfNeeded: bits >> 96)),
            length: random.chance(2) ? width : random.pick(0...width)))
        if random.chance(3), let old = expected.keys.first {
          prefix = try #require(
            Prefix(
              address: isIPv6 ? .v6(old.bits) : .v4(UInt32(old.bits >> 96)),
              length: Int(old.length)))
        }
        let item = PrefixItem(prefix)
        let record = Self.record(&random)
        let old = expected[item]
        let isRemoval = random.chance(3)
        // What is in several lists mostly loses one of them.
        let list = isRemoval ? old?.randomElement(using: &random)?.list ?? record.list : record.list
        let members =
          isRemoval ? old.map { $0.without(list) } ?? [] : (old ?? []).with(record)
        expected[item] = members.isEmpty ? nil : members
        func change() -> PrefixTable.Change {
          isRemoval ? table.remove(prefix, from: list) : table.set(prefix, record)
        }
        var changed = change()
        if changed == .full || table.isWorn() {
          slot = 1 - slot
          let next = try program.install(
            table.items(), slot: slot, room: PrefixTable.room(for: table.count, grows: true))
          table.copyHits(to: next)
          #expect(!next.isWorn())
          table = next
          rebuilt += 1
          if changed == .full { changed = change() }
        }
        let wanted: PrefixTable.Change =
          members == old ?? [] ? .unchanged : old == nil ? .added : .changed
        #expect(changed == wanted, "\(step)")
        #expect(table.value(of: prefix)?.members == expected[item])
        guard step.isMultiple(of: 2000) else { continue }
        var items = PrefixItems(isIPv6: isIPv6)
        for (item, members) in expected {
          let number = items.records.number(of: members)
          items.items.append(
            PrefixItem(bits: item.bits, length: Int(item.length), record: number))
        }
        var model = PrefixModel(items, Self.lists)
        let addresses = model.addresses(2048, &random)
        let answers = try program.found(addresses, isIPv6: isIPv6, slot: slot)
        let wrong = zip(addresses, answers).filter { model.found($0) != $1 }.count
        #expect(wrong == 0, "after \(step) steps: \(wrong) of \(addresses.count)")
        #expect(table.count == expected.count)
      }
      print("prefixes: \(table.count) entries, rebuilt \(rebuilt) times")
      #expect(rebuilt > 0)
    }
  }
}
