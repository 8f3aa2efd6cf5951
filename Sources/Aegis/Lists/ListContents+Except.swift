/// What a list must not drop, taken out of it.
extension ListContents<Prefix> {
  /// Removes what the exceptions cover; of an entry that contains some of them, the rest remains.
  ///
  /// - Returns: How many entries are gone or have become others.
  public mutating func exclude(_ exceptions: [Prefix]) -> Int {
    if exceptions.isEmpty { return 0 }
    let (sorted, all) = (SortedPrefixes(exceptions), Set(exceptions))
    let lengths = Set(exceptions.map(\.length)).sorted()
    var kept: [ListEntry<Prefix>] = []
    var count = 0
    for entry in entries {
      let prefix = entry.element
      let isCovered = lengths.contains { length in
        length <= prefix.length
          && all.contains(Prefix(masking: prefix.address, length: length))
      }
      if isCovered {
        count += 1
        continue
      }
      let holes = prefix.isHost ? [] : sorted.within(prefix)
      if holes.isEmpty {
        kept.append(entry)
        continue
      }
      count += 1
      kept += prefix.parts(without: holes).map {
        ListEntry($0, line: entry.line, terms: entry.terms)
      }
    }
    entries = kept
    return count
  }
}

extension Prefix {
  /// The largest prefixes that together are this one without some that are in it.
  fileprivate func parts(without holes: [Prefix]) -> [Prefix] {
    if holes.isEmpty { return [self] }
    if holes.contains(where: { $0.contains(self) }) { return [] }
    let halves = halves
    return halves.flatMap { half in
      half.parts(without: holes.filter { half.contains($0) || $0.contains(half) })
    }
  }

  private var halves: [Prefix] {
    let bit = (1 as UInt128) << UInt128(127 - length)
    let bits = address.leftAligned
    return [bits, bits | bit].map {
      Prefix(
        PrefixItem(bits: $0, length: length + 1), isIPv6: address.width == 128)
    }
  }
}
