internal import CAegis

/// How large the parts of a table are.
struct PrefixShape {
  /// Without seeds.
  private(set) var head = aegis_prefix_head()

  /// Words in use of a hundred, when a table is built, and at most.
  static let load = 75
  static let greatestLoad = 80
  /// More entries than the numbers in words can tell apart.
  static let most = 1 << 24

  /// - Parameter room: Entries to have room for; at least those of the list are.
  /// - Throws: `badInput` if the list is too long.
  init(for list: PrefixItems, room: Int) throws(AegisError) {
    let room = max(room, list.items.count, 1)
    let records = list.records.values.count
    guard room <= Self.most, records < Self.most else {
      throw AegisError(.badInput, "the list has more than \(Self.most) prefixes")
    }
    head.filter = 1
    let words = (room * 100 + Self.load - 1) / Self.load
    head.lines = Self.prime(atLeast: (words + 7) / Int(AEGIS_PREFIX_WORDS))
    head.records_room = UInt32(min(records + records / 8 + max(256, room / 64), Self.most - 1))
    if list.isIPv6 {
      addIPv6(list, room)
    } else {
      addIPv4(room)
    }
    head.records = head.elements
    head.elements += (head.records_room + 3) / 4
  }

  private mutating func addIPv4(_ room: Int) {
    let bits = min(max(Self.bits(room) - 2, 6), 19)
    head.shift = UInt32(32 - bits)
    head.short_lengths = .max << head.shift
    head.buckets = head.filter + UInt32(1 << bits) / 16
    head.elements = head.buckets + head.lines
  }

  private mutating func addIPv6(_ list: PrefixItems, _ room: Int) {
    let long = list.items.lazy.filter { $0.length > 32 }.map { UInt32($0.high >> 32) }
    let far = list.items.lazy.filter { $0.length >= 16 }.map { UInt32($0.high >> 40) }
    // Prefixes that come later are in as many new blocks as those before them.
    let scale = { $0 * room / max(list.items.count, 1) }
    let blocks = scale(Self.distinct(long, atMost: list.items.count))
    let farBits = min(
      max(Self.bits(scale(Self.distinct(far, atMost: list.items.count))) + 2, 5), 24)
    let bloomBits = max(Self.bits(room * 16), 10)
    head.shift = UInt32(64 - farBits)
    head.bloom_shift = UInt32(64 - bloomBits)
    head.block_lines = Self.prime(atLeast: blocks * 10 / (7 * Int(AEGIS_PREFIX_BLOCKS)) + 1)
    head.entries_room = UInt32(room + room / 16 + 16)
    head.blocks = head.filter + UInt32(1 << farBits) / 32
    head.bloom = head.blocks + head.block_lines
    head.buckets = head.bloom + UInt32(1 << bloomBits) / 1024
    head.entries = head.buckets + (head.lines + 1) / 2
    head.near = head.entries + (head.entries_room + 3) / 4
    head.elements = head.near + UInt32(max(2 << farBits, 1024)) / 1024
  }

  /// The number of bits of the least power of two that is not less.
  private static func bits(_ number: Int) -> Int {
    Int.bitWidth - max(number - 1, 0).leadingZeroBitCount
  }

  /// At least 2.
  private static func prime(atLeast number: Int) -> UInt32 {
    var candidate = max(number, 2)
    while !isPrime(candidate) { candidate += 1 }
    return UInt32(candidate)
  }

  private static func isPrime(_ number: Int) -> Bool {
    var divisor = 2
    while divisor * divisor <= number {
      if number.isMultiple(of: divisor) { return false }
      divisor += 1
    }
    return true
  }

  private static func distinct(_ keys: some Sequence<UInt32>, atMost most: Int) -> Int {
    let bits = Self.bits(most * 2 + 2)
    var slots = [UInt32](repeating: 0, count: 1 << bits)
    var (count, hasLast, before) = (0, false, nil as UInt32?)
    slots.withUnsafeMutableBufferPointer { slots in
      for key in keys where key != before {
        before = key
        if key == .max {
          hasLast = true
          continue
        }
        var slot = Int(
          truncatingIfNeeded: (UInt64(key) &* AEGIS_PREFIX_GOLDEN) >> UInt64(64 - bits))
        while slots[slot] != 0, slots[slot] != key + 1 { slot = (slot + 1) & (slots.count - 1) }
        if slots[slot] == 0 {
          slots[slot] = key + 1
          count += 1
        }
      }
    }
    return count + (hasLast ? 1 : 0)
  }
}
