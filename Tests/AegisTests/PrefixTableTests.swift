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
    #expect(try table.value(of: Self.prefix(9, isIPv6: isIPv6))?.record == last)
    #expect(try table.value(of: Self.prefix(10, isIPv6: isIPv6))?.record == .plain)
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
      #expect(table.remove(one))
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
      #expect(table.remove(prefix))
      #expect(!table.remove(prefix))
      #expect(table.set(prefix) == .added)
      #expect(table.value(of: prefix)?.hits == 0)
    }
  }
}
