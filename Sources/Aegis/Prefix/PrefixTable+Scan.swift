internal import CAegis

extension PrefixTable {
  /// Visits all entries, in no order. The number of the record is one of this table.
  func forEach(_ body: (PrefixItem, _ hits: UInt64) -> Void) {
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
    // The number of each record in the new list; nil if its entries are not wanted.
    let numbers = (0..<head.pointee.records_used).map { number -> UInt32?? in
      let record = PrefixRecord(self.record(number).pointee)
      return isWanted(record) ? .some(nil) : nil
    }
    var known = numbers
    forEach { item, _ in
      guard let number = known[Int(item.record)] else { return }
      let new = number ?? list.records.number(of: PrefixRecord(record(item.record).pointee))
      known[Int(item.record)] = .some(new)
      list.items.append(PrefixItem(bits: item.bits, length: Int(item.length), record: new))
    }
    return list
  }

  /// Adds the hits of this table to the entries of another one.
  func copyHits(to other: PrefixTable) {
    forEach { item, hits in
      if hits > 0 { other.addHits(hits, to: item) }
    }
  }
}
