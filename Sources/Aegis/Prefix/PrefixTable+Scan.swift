internal import CAegis

extension PrefixTable {
  /// Visits all entries, in no order. The number of the record is one of this table.
  func visit(_ body: (PrefixItem, _ hits: UInt64) -> Void) {
    for line in 0..<head.pointee.lines {
      let words = words(ofLine: line)
      for word in words..<words + Int(AEGIS_PREFIX_WORDS)
      where word.pointee >> UInt64(AEGIS_PREFIX_KEY_SHIFT) != 0 {
        body(item(at: word), hits(at: word).pointee)
      }
    }
  }

  /// What a table is built of that has the same entries, without those that are not wanted.
  func items(where isWanted: (PrefixRecord) -> Bool = { _ in true }) -> PrefixItems {
    var list = PrefixItems(isIPv6: isIPv6)
    list.items.reserveCapacity(count)
    let members = allMembers.map { $0.filter(isWanted) }
    var numbers = [UInt32?](repeating: nil, count: members.count)
    visit { item, _ in
      let old = Int(item.record)
      // Who has the lock may add entries with new records meanwhile.
      if old >= members.count || members[old].isEmpty { return }
      let new = numbers[old] ?? list.records.number(of: members[old])
      numbers[old] = new
      list.items.append(PrefixItem(bits: item.bits, length: Int(item.length), record: new))
    }
    return list
  }

  /// Adds the hits of this table to the entries of another one.
  ///
  /// - Parameter before: Those that were added already, as this function returned them.
  /// - Returns: The hits, in the order of `visit`.
  @discardableResult
  func copyHits(to other: PrefixTable, since before: [UInt64] = []) -> [UInt64] {
    var copied: [UInt64] = []
    copied.reserveCapacity(count)
    visit { item, hits in
      let known = copied.count < before.count ? before[copied.count] : 0
      if hits > known { other.addHits(hits - known, to: item) }
      copied.append(hits)
    }
    return copied
  }
}
