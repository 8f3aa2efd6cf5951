internal import CAegis
internal import Linux

extension PrefixTable {
  enum Change: Equatable {
    case added
    case changed
    /// It was already there, with this record.
    case unchanged
    /// There is no room. The table must be built anew, with `roomToGrow`.
    case full
  }

  private struct Search {
    /// The word of the entry.
    var found: UnsafeMutablePointer<UInt64>?
    /// The first free word, if it was not found, and the lines before that.
    var free: UnsafeMutablePointer<UInt64>?
    var passed = 0
  }

  /// Adds an entry to a list, or changes its record there. The datapath sees it before or after, and the hits stay.
  func set(_ prefix: Prefix, _ record: PrefixRecord = .plain) -> Change {
    let key = PrefixKey(PrefixItem(prefix), isIPv6: isIPv6, head.pointee.seed)
    let search = search(key)
    let old = search.found.map { members(of: number(at: $0)) }
    if old?.of(record.list) == record { return .unchanged }
    guard let number = (old ?? []).with(record).stored(number(of:)) else { return .full }
    if let word = search.found {
      // One that has expired is absent, and begins anew.
      let now = Clock.boottime()
      if old?.allSatisfy({ $0.isExpired(at: now) }) ?? false { hits(at: word).pointee = 0 }
      set(number, at: word)
      return .changed
    }
    let item = PrefixItem(prefix, record: number)
    // The word comes last: a call that is killed before it has added nothing.
    guard let word = search.free, cover(item) else { return .full }
    var new = key.tag << UInt64(AEGIS_PREFIX_KEY_SHIFT) | word.pointee & AEGIS_PREFIX_OVERFLOW
    if isIPv6 {
      guard let number = take() else { return .full }
      entry(number).pointee = Self.entry(key, item)
      bloom(key.mixed)
      new |= UInt64(number)
    } else {
      word[Int(AEGIS_PREFIX_WORDS)] = 0
      new |= Self.word(0, item)
    }
    markPassed(key, lines: search.passed)
    // Counted first: a table that has an entry is never taken for an empty one.
    head.pointee.count += 1
    aegis_prefix_publish(word, new)
    return .added
  }

  private func set(_ number: UInt32, at word: UnsafeMutablePointer<UInt64>) {
    if isIPv6 {
      aegis_prefix_publish_half(&entry(of: word).pointee.record, number)
    } else {
      let mask = UInt64(AEGIS_PREFIX_RECORD_MASK)
      aegis_prefix_publish(word, word.pointee & ~mask | UInt64(number))
    }
  }

  /// Calls its argument for each change of a list; nil removes an entry from it.
  typealias Changes = ((Prefix, PrefixRecord?) -> Void) -> Void

  /// Makes changes one after the other.
  ///
  /// - Parameter list: The number of the list that entries are removed from.
  /// - Returns: Whether all of them are in the table now; if not, it must be built anew.
  func change(adding new: Int, list: UInt16 = 0, _ each: Changes) -> Bool {
    if new > 0, isWorn(adding: new) { return false }
    var isFull = false
    each { prefix, record in
      if isFull { return }
      isFull = (record.map { set(prefix, $0) } ?? remove(prefix, from: list)) == .full
    }
    return !isFull
  }

  /// Removes an entry from a list; without one, it is gone. What is left of it in the filter costs time only.
  func remove(_ prefix: Prefix, from list: UInt16 = 0) -> Change {
    let key = PrefixKey(PrefixItem(prefix), isIPv6: isIPv6, head.pointee.seed)
    guard let word = search(key).found else { return .unchanged }
    let present = members(of: number(at: word))
    return keep(present.without(list), of: present, at: word)
  }

  /// Leaves an entry in only some of its lists.
  private func keep(
    _ kept: PrefixMembers, of present: PrefixMembers, at word: UnsafeMutablePointer<UInt64>
  ) -> Change {
    if kept.count == present.count { return .unchanged }
    if kept.isEmpty {
      let number = UInt32(truncatingIfNeeded: word.pointee) & AEGIS_PREFIX_ENTRY_MASK
      aegis_prefix_publish(word, word.pointee & AEGIS_PREFIX_OVERFLOW)
      if isIPv6 { release(number) }
      head.pointee.count -= 1
      head.pointee.removed += 1
      return .changed
    }
    guard let number = kept.stored(number(of:)) else { return .full }
    set(number, at: word)
    return .changed
  }

  /// Removes what has expired, and returns how much that was.
  func sweep(at now: UInt64, _ rules: ListRules) -> Int {
    let records = allMembers
    let isWhole = records.map { $0.allSatisfy { !rules.isExpired($0, at: now) } }
    var swept = 0
    for line in 0..<head.pointee.lines {
      let words = words(ofLine: line)
      for word in words..<words + Int(AEGIS_PREFIX_WORDS)
      where word.pointee >> UInt64(AEGIS_PREFIX_KEY_SHIFT) != 0 {
        let number = Int(number(at: word))
        if isWhole[number] { continue }
        let kept = records[number].filter { !rules.isExpired($0, at: now) }
        if keep(kept, of: records[number], at: word) == .changed { swept += 1 }
      }
    }
    return swept
  }

  /// What the entry for exactly this prefix says, and its hits; nil if there is none.
  func value(of prefix: Prefix) -> (members: PrefixMembers, hits: UInt64)? {
    let key = PrefixKey(PrefixItem(prefix), isIPv6: isIPv6, head.pointee.seed)
    guard let word = search(key).found else { return nil }
    return (members(of: number(at: word)), hits(at: word).pointee)
  }

  /// Adds to the hits of an entry: those of a table before this one.
  func addHits(_ count: UInt64, to item: PrefixItem) {
    let key = PrefixKey(item, isIPv6: isIPv6, head.pointee.seed)
    if let word = search(key).found { aegis_prefix_add(hits(at: word), count) }
  }

  private func search(_ key: PrefixKey) -> Search {
    let lines = head.pointee.lines
    let step = aegis_prefix_step(key.mixed, lines)
    var line = aegis_prefix_line(key.mixed, lines)
    var search = Search()
    // By another entry with the same tag: no two in a line may have it, and by another seed they differ.
    var isBlocked = false
    for passed in 0..<Int(AEGIS_PREFIX_WALK) {
      let words = words(ofLine: line)
      for word in words..<words + Int(AEGIS_PREFIX_WORDS) {
        let there = word.pointee >> UInt64(AEGIS_PREFIX_KEY_SHIFT)
        if there == key.tag {
          if !isIPv6 || isEntry(of: word, key) {
            search.found = word
            return search
          }
          isBlocked = true
        }
        if there == 0, search.free == nil { (search.free, search.passed) = (word, passed) }
      }
      if words.pointee & AEGIS_PREFIX_OVERFLOW == 0, search.free != nil || isBlocked { break }
      line += step
      if line >= lines { line -= lines }
    }
    if isBlocked { search.free = nil }
    return search
  }

  /// Makes readers go on where the entry is not.
  private func markPassed(_ key: PrefixKey, lines passed: Int) {
    let lines = head.pointee.lines
    var line = aegis_prefix_line(key.mixed, lines)
    for _ in 0..<passed {
      let first = words(ofLine: line)
      aegis_prefix_publish(first, first.pointee | AEGIS_PREFIX_OVERFLOW)
      line += aegis_prefix_step(key.mixed, lines)
      if line >= lines { line -= lines }
    }
  }

  /// A free entry of IPv6.
  private func take() -> UInt32? {
    if head.pointee.free_entry > 0 {
      let number = head.pointee.free_entry - 1
      head.pointee.free_entry = UInt32(truncatingIfNeeded: entry(number).pointee.low)
      return number
    }
    guard head.pointee.entries_used < head.pointee.entries_room else { return nil }
    head.pointee.entries_used += 1
    return head.pointee.entries_used - 1
  }

  private func isEntry(of word: UnsafeMutablePointer<UInt64>, _ key: PrefixKey) -> Bool {
    let entry = entry(of: word).pointee
    return entry.high == key.high && entry.low == key.low
      && (entry.length == 128) == (key.whole == 1)
  }

  private func entry(of word: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<
    aegis_prefix_entry
  > {
    entry(UInt32(truncatingIfNeeded: word.pointee) & AEGIS_PREFIX_ENTRY_MASK)
  }

  /// The number of its record.
  func number(at word: UnsafeMutablePointer<UInt64>) -> UInt32 {
    isIPv6
      ? entry(of: word).pointee.record
      : UInt32(truncatingIfNeeded: word.pointee) & AEGIS_PREFIX_RECORD_MASK
  }

  func hits(at word: UnsafeMutablePointer<UInt64>) -> UnsafeMutablePointer<UInt64> {
    if !isIPv6 { return word + Int(AEGIS_PREFIX_WORDS) }
    let offset = MemoryLayout<aegis_prefix_entry>.offset(of: \.hits)!
    return (UnsafeMutableRawPointer(entry(of: word)) + offset).assumingMemoryBound(to: UInt64.self)
  }

  func item(at word: UnsafeMutablePointer<UInt64>) -> PrefixItem {
    let number = number(at: word)
    if !isIPv6 {
      let length =
        Int(word.pointee >> UInt64(AEGIS_PREFIX_LENGTH_SHIFT)) & Int(AEGIS_PREFIX_LENGTH_MASK)
      let key = word.pointee >> UInt64(AEGIS_PREFIX_KEY_SHIFT)
      let bits = (key ^ (1 as UInt64) << UInt64(32 - length)) >> 1
      return PrefixItem(bits: UInt128(bits) << 96, length: length, record: number)
    }
    let entry = entry(of: word).pointee
    var bits = UInt128(entry.high) << 64 | UInt128(entry.low)
    if entry.length < 128 { bits ^= (1 as UInt128) << UInt128(127 - entry.length) }
    return PrefixItem(bits: bits, length: Int(entry.length), record: number)
  }
}
