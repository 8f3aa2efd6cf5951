internal import CAegis

extension PrefixTable {
  /// Builds a table in memory that nothing reads yet.
  ///
  /// - Parameters:
  ///   - room: Entries to have room for, if they are more than those of the list.
  ///   - allocate: Makes elements of so many bytes, all zero; called again if a list does not fit.
  /// - Throws: `badInput` if the list is too long, and what `allocate` throws.
  package static func build(
    _ list: PrefixItems, room: Int = 0,
    in allocate: (Int) throws(AegisError) -> Memory = Memory.heap
  ) throws(AegisError) -> PrefixTable {
    var random = SystemRandomNumberGenerator()
    var room = max(room, list.items.count)
    while true {
      let shape = try PrefixShape(for: list, room: room)
      let bytes = Int(shape.head.elements) * elementSize
      // A table that does not fit in one line of the hash would by another seed.
      for _ in 0..<2 {
        let table = PrefixTable(isIPv6: list.isIPv6, in: try allocate(bytes))
        table.head.pointee = shape.head
        table.head.pointee.seed = (random.next() | 1, random.next() | 1)
        if table.fill(list) { return table }
      }
      room += room / 8 + 16
    }
  }

  private func fill(_ list: PrefixItems) -> Bool {
    for (number, record) in list.records.values.enumerated() {
      self.record(UInt32(number)).pointee = record.abi
    }
    head.pointee.records_used = UInt32(list.records.values.count)
    return list.items.withUnsafeBufferPointer { items in
      isIPv6 ? fillIPv6(items) : fillIPv4(items)
    }
  }

  /// Bits of a hash by which entries are grouped, so that a group's lines stay in the cache.
  private func groupBits() -> UInt64 {
    UInt64(min(max(32 - (head.pointee.lines >> 9).leadingZeroBitCount, 1), 12))
  }

  /// Where each group begins.
  private func starts(
    of items: UnsafeBufferPointer<PrefixItem>, _ shift: UInt64
  ) -> [UInt32] {
    let seed = head.pointee.seed
    var starts = [UInt32](repeating: 0, count: Int(1 << (64 - shift)) + 1)
    starts.withUnsafeMutableBufferPointer { starts in
      for item in items {
        starts[Int(PrefixKey(item, isIPv6: isIPv6, seed).mixed >> shift) + 1] += 1
      }
      for group in 1..<starts.count { starts[group] += starts[group - 1] }
    }
    return starts
  }

  private func fillIPv4(_ items: UnsafeBufferPointer<PrefixItem>) -> Bool {
    let (seed, lines) = (head.pointee.seed, head.pointee.lines)
    let shift = 64 - groupBits()
    var starts = starts(of: items, shift)
    let words = UnsafeMutablePointer<UInt64>.allocate(capacity: max(items.count, 1))
    defer { words.deallocate() }
    starts.withUnsafeMutableBufferPointer { starts in
      for item in items {
        let key = PrefixKey(item, isIPv6: false, seed)
        let group = Int(key.mixed >> shift)
        words[Int(starts[group])] = Self.word(key.tag, item)
        starts[group] += 1
        _ = cover(item)
      }
    }
    let base = self.words(ofLine: 0)
    var count: UInt32 = 0
    for index in items.indices {
      let word = words[index]
      let tag = word >> UInt64(AEGIS_PREFIX_KEY_SHIFT)
      let mixed = aegis_prefix_mix_v4(tag, seed.0)
      var line = aegis_prefix_line(mixed, lines)
      var left = AEGIS_PREFIX_WALK
      walk: while true {
        let words = base + Int(line) * 16
        for place in 0..<Int(AEGIS_PREFIX_WORDS) {
          let there = words[place] >> UInt64(AEGIS_PREFIX_KEY_SHIFT)
          if there == 0 || there == tag {
            words[place] = word | (words[place] & AEGIS_PREFIX_OVERFLOW)
            count += there == 0 ? 1 : 0
            break walk
          }
        }
        left -= 1
        if left == 0 { return false }
        words[0] |= AEGIS_PREFIX_OVERFLOW
        line += aegis_prefix_step(mixed, lines)
        if line >= lines { line -= lines }
      }
    }
    head.pointee.count = count
    return true
  }

  private func fillIPv6(_ items: UnsafeBufferPointer<PrefixItem>) -> Bool {
    let (seed, lines) = (head.pointee.seed, head.pointee.lines)
    let shift = 64 - groupBits()
    var starts = starts(of: items, shift)
    let entries = entry(0)
    let mixed = UnsafeMutablePointer<UInt64>.allocate(capacity: max(items.count, 1))
    defer { mixed.deallocate() }
    let fits = starts.withUnsafeMutableBufferPointer { starts in
      for item in items {
        let key = PrefixKey(item, isIPv6: true, seed)
        let group = Int(key.mixed >> shift)
        let place = Int(starts[group])
        starts[group] += 1
        mixed[place] = key.mixed
        entries[place] = Self.entry(key, item)
        if !cover(item) { return false }
      }
      return true
    }
    if !fits { return false }
    head.pointee.entries_used = UInt32(items.count)
    let base = words(ofLine: 0)
    var count: UInt32 = 0
    for index in items.indices {
      let mixed = mixed[index]
      let tag = aegis_prefix_tag(mixed)
      var line = aegis_prefix_line(mixed, lines)
      var left = AEGIS_PREFIX_WALK
      bloom(mixed)
      walk: while true {
        let words = base + Int(line) * 8
        for place in 0..<Int(AEGIS_PREFIX_WORDS) {
          let there = words[place] >> UInt64(AEGIS_PREFIX_KEY_SHIFT)
          if there == 0 {
            words[place] |= tag << UInt64(AEGIS_PREFIX_KEY_SHIFT) | UInt64(index)
            count += 1
            break walk
          }
          if there == tag {
            let other = entries + Int(words[place] & UInt64(AEGIS_PREFIX_ENTRY_MASK))
            // By another seed they differ.
            if !Self.isSame(other.pointee, entries[index]) { return false }
            other.pointee.record = entries[index].record
            release(UInt32(index))
            break walk
          }
        }
        left -= 1
        if left == 0 { return false }
        words[0] |= AEGIS_PREFIX_OVERFLOW
        line += aegis_prefix_step(mixed, lines)
        if line >= lines { line -= lines }
      }
    }
    head.pointee.count = count
    return true
  }

  static func word(_ key: UInt64, _ item: PrefixItem) -> UInt64 {
    key << UInt64(AEGIS_PREFIX_KEY_SHIFT) | UInt64(item.length) << UInt64(AEGIS_PREFIX_LENGTH_SHIFT)
      | UInt64(item.record)
  }

  static func entry(_ key: PrefixKey, _ item: PrefixItem) -> aegis_prefix_entry {
    aegis_prefix_entry(
      high: key.high, low: key.low, hits: 0, record: item.record, length: UInt32(item.length))
  }

  private static func isSame(_ one: aegis_prefix_entry, _ other: aegis_prefix_entry) -> Bool {
    one.high == other.high && one.low == other.low && one.length == other.length
  }

  /// Marks the hash of an IPv6 entry.
  func bloom(_ mixed: UInt64) {
    let place = mixed >> UInt64(head.pointee.bloom_shift)
    let words = element(head.pointee.bloom).assumingMemoryBound(to: UInt64.self)
    let (word, bit) = (words + Int(place >> 6), (1 as UInt64) << (place & 63))
    if word.pointee & bit == 0 { aegis_prefix_publish(word, word.pointee | bit) }
  }

  /// Puts an entry that no word has on the list of free ones.
  func release(_ number: UInt32) {
    entry(number).pointee.length = AEGIS_PREFIX_FREE
    entry(number).pointee.low = UInt64(head.pointee.free_entry)
    head.pointee.free_entry = number + 1
  }
}
