internal import CAegis

extension PrefixTable {
  /// Makes the datapath look for entries of this length at these bits. False if there is no room in the blocks, or its
  /// head cannot be written.
  @inline(__always)
  func cover(_ item: PrefixItem) -> Bool {
    isIPv6 ? coverIPv6(item) : coverIPv4(item)
  }

  private func coverIPv4(_ item: PrefixItem) -> Bool {
    let length = UInt32(item.length)
    let bit = (1 as UInt64) << UInt64(32 - length)
    if length == 0 { return setAlways(bit) }
    let filter = element(head.pointee.filter).assumingMemoryBound(to: UInt64.self)
    let (address, shift) = (UInt32(truncatingIfNeeded: item.high >> 32), head.pointee.shift)
    let width = 32 - shift
    let first = Int(address >> shift)
    if length <= width {
      let last = first + 1 << Int(width - length) - 1
      // No other prefix sets this bit in these words, and the last one is set last.
      if filter[last] & bit != 0 { return true }
      for place in first...last { set(bit, in: filter + place) }
      return true
    }
    let sub = UInt64(address >> (shift - 5) & 31)
    let subs = length < width + 5 ? (1 as UInt64) << UInt64(width + 5 - length) : 1
    set(bit | ((1 << subs) - 1) << (32 + sub), in: filter + first)
    return true
  }

  private func setAlways(_ bit: UInt64) -> Bool {
    set(bit, in: &head.pointee.always)
    return tellAlways(bit)
  }

  private func coverIPv6(_ item: PrefixItem) -> Bool {
    let (length, high, seed) = (Int(item.length), item.high, head.pointee.seed)
    if length < 16 {
      let bit = length == 0 ? 1 : (1 as UInt64) << UInt64(64 - length)
      return setAlways(bit)
    }
    if length > 32 {
      guard let (blocks, place) = block(of: UInt32(high >> 32)) else { return false }
      let raw = UnsafeMutableRawPointer(blocks)
      if length > 64 {
        set(
          (1 as UInt64) << UInt64(128 - length),
          in: raw.assumingMemoryBound(to: UInt64.self) + place)
      } else {
        set(1 << UInt32(64 - length), in: half(raw, \.coarse, place))
      }
      var subs: UInt32 = length < 42 ? .max : 0
      if length >= 42 {
        for next in 0..<(length < 48 ? 1 << (48 - length) : 1) as Range<UInt64> {
          subs |= aegis_prefix_sub(high + next << 16, seed.0)
        }
      }
      set(subs, in: half(raw, \.subs, place))
    }
    let far = element(head.pointee.filter).assumingMemoryBound(to: UInt32.self)
    let near = element(head.pointee.near).assumingMemoryBound(to: UInt64.self)
    let bit = length > 32 ? 1 << 31 : (1 as UInt32) << UInt32(32 - length)
    for next in 0..<(length < 24 ? 1 << (24 - length) : 1) as Range<UInt64> {
      let place = Int(aegis_prefix_far(high + next << 40, seed.0, head.pointee.shift - 1))
      if head.pointee.near != 0 { set((1 as UInt64) << UInt64(place & 63), in: near + place >> 6) }
      set(bit, in: far + place / 2)
    }
    return true
  }

  /// The place for the first 32 bits, which is taken only when its `subs` are written; nil if there is none.
  private func block(of top: UInt32) -> (UnsafeMutablePointer<aegis_prefix_blocks>, Int)? {
    let mixed = aegis_prefix_mix_block(top, head.pointee.seed.1)
    let lines = head.pointee.block_lines
    let step = aegis_prefix_step(mixed, lines)
    var line = aegis_prefix_line(mixed, lines)
    for _ in 0..<AEGIS_PREFIX_WALK {
      let blocks = blocks(line)
      let raw = UnsafeMutableRawPointer(blocks)
      for place in 0..<Int(AEGIS_PREFIX_BLOCKS) {
        if half(raw, \.subs, place).pointee == 0 {
          half(raw, \.top, place).pointee = top
          head.pointee.blocks_used += 1
          return (blocks, place)
        }
        if half(raw, \.top, place).pointee == top { return (blocks, place) }
      }
      aegis_prefix_publish_half(&blocks.pointee.overflow, 1)
      line += step
      if line >= lines { line -= lines }
    }
    return nil
  }

  private typealias Halves = (UInt32, UInt32, UInt32, UInt32, UInt32, UInt32)

  @inline(__always)
  private func half(
    _ blocks: UnsafeMutableRawPointer, _ field: KeyPath<aegis_prefix_blocks, Halves>, _ place: Int
  ) -> UnsafeMutablePointer<UInt32> {
    (blocks + MemoryLayout<aegis_prefix_blocks>.offset(of: field)!)
      .assumingMemoryBound(to: UInt32.self) + place
  }

  @inline(__always)
  private func set(_ bits: UInt64, in word: UnsafeMutablePointer<UInt64>) {
    aegis_prefix_publish(word, word.pointee | bits)
  }

  @inline(__always)
  private func set(_ bits: UInt32, in half: UnsafeMutablePointer<UInt32>) {
    aegis_prefix_publish_half(half, half.pointee | bits)
  }
}
