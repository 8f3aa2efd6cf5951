internal import CAegis
internal import Linux

/// Moves what sources owe into a table of another size.
///
/// A line's place is the low bits of a hash that the table does not store. In a larger table a line's debts are copied
/// to every place that it may have moved to; the wrong copies expire like any other debt. In a smaller table lines are
/// merged: of the debts with the same tag, which may be copies of one, the greatest counts, and debts that find no free
/// way go to the shared word. This makes the result stricter, never laxer.
struct BucketResize {
  private let now: UInt64

  init(at now: UInt64 = Clock.monotonic()) {
    self.now = now
  }

  /// Both counts are powers of two.
  func resized(_ lines: [aegis_line], to count: Int) -> [aegis_line] {
    if count >= lines.count { return (0..<count).map { lines[$0 % lines.count] } }
    return (0..<count).map { place in
      stride(from: place, to: lines.count, by: count).reduce(into: aegis_line()) { sum, index in
        merge(lines[index], into: &sum)
      }
    }
  }

  private func merge(_ line: aegis_line, into sum: inout aegis_line) {
    var words = Self.words(sum)
    var epochs = (sum.epoch, line.epoch)
    if words.allSatisfy({ $0 == 0 }) { epochs.0 = line.epoch }
    // Use the older epoch: what it has not scrubbed yet may be in either line.
    sum.epoch = min(epochs.0, epochs.1)
    let other = Self.words(line)
    words[0] = later(words[0], other[0])
    for word in other.dropFirst() where ahead(word) > 0 {
      if let same = words.indices.dropFirst().first(where: {
        ahead(words[$0]) > 0 && Self.tag(words[$0]) == Self.tag(word)
      }) {
        if ahead(word) > ahead(words[same]) { words[same] = word }
      } else if let free = words.indices.dropFirst().first(where: { ahead(words[$0]) == 0 }) {
        words[free] = word
      } else {
        words[0] = later(words[0], word)
      }
    }
    withUnsafeMutableBytes(of: &sum.word) { bytes in
      for (index, word) in words.enumerated() {
        bytes.storeBytes(of: word, toByteOffset: index * 8, as: UInt64.self)
      }
    }
  }

  private static func words(_ line: aegis_line) -> [UInt64] {
    withUnsafeBytes(of: line.word) { Array($0.bindMemory(to: UInt64.self)) }
  }

  /// Returns the word that lies further ahead, in the form of the shared word: with the tag 1.
  private func later(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let latest = ahead(other) > ahead(one) ? other : one
    if ahead(latest) == 0 { return 0 }
    let kept = Self.time | Self.fine
    return latest & kept | 1 << UInt64(AEGIS_TAT_BITS)
  }

  private static func tag(_ word: UInt64) -> UInt64 {
    word >> UInt64(AEGIS_TAT_BITS) & UInt64(AEGIS_TAG_MASK)
  }

  private static let fine: UInt64 = 1 << 63
  private static let time: UInt64 = 1 << UInt64(AEGIS_TAT_BITS) - 1

  /// Ticks of 2^-AEGIS_FINE_SHIFT ns; 0 once it has passed. The counterpart of `aegis_ahead`.
  private func ahead(_ word: UInt64) -> UInt64 {
    if word == 0 { return 0 }
    let shift: UInt64 = word & Self.fine != 0 ? UInt64(AEGIS_FINE_SHIFT) : 0
    let ticks = (word &- now << shift) & Self.time
    return ticks > AEGIS_TAT_HORIZON ? 0 : ticks << (UInt64(AEGIS_FINE_SHIFT) - shift)
  }
}
