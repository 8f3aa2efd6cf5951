internal import CAegis

/// Which lines of the limiter's table are free, and how many of them a rate gets.
///
/// ```
/// 0 ..< lines            each source's packets by the default rate
/// lines ..< 2 * lines    each source's bytes by the default rate
/// 2 * lines ..< cells    all other rates
/// ```
///
/// There is always a line left for each rate that can still be added.
struct LineTable {
  private let first: UInt32
  private var free: [Range<UInt32>]
  /// The number of free lines beyond those that are reserved for future rates.
  private(set) var spare: UInt32

  /// - Parameter taken: The lines of each rate that has lines.
  init(_ capacity: Capacity, taken: [Range<UInt32>] = []) {
    first = 2 * capacity.lines
    var next = first
    free = []
    let taken = taken.filter { $0.lowerBound >= next }
    for one in taken.sorted(by: { $0.lowerBound < $1.lowerBound }) where one.upperBound > next {
      if one.lowerBound > next { free.append(next..<one.lowerBound) }
      next = one.upperBound
    }
    if next < capacity.cells { free.append(next..<capacity.cells) }
    let kept = Capacity.mostRates - min(Capacity.mostRates, UInt32(taken.count))
    let count = free.reduce(0 as UInt32) { $0 + UInt32($1.count) }
    spare = count - min(count, kept)
  }

  /// Takes lines for another rate: at most a quarter of what is left for sources, or all that a total needs.
  ///
  /// - Returns: nil if fewer lines are left than the rate needs.
  mutating func take(_ need: LineNeed) -> Range<UInt32>? {
    let fair = need.isTotal ? spare + 1 : max(spare / 4, 1)
    let bound = max(fair, min(need.least, spare + 1))
    var count = min(need.most, UInt32.powerOfTwo(atMost: bound))
    while count >= need.least {
      if let index = free.firstIndex(where: { $0.count >= count }) {
        let first = free[index].lowerBound
        free[index] = first + count..<free[index].upperBound
        if free[index].isEmpty { free.remove(at: index) }
        spare -= min(spare, count - 1)
        return first..<first + count
      }
      count /= 2
    }
    return nil
  }

  /// Returns the lines of a removed rate.
  mutating func give(back lines: Range<UInt32>) {
    if lines.lowerBound < first { return }
    let index = free.firstIndex { $0.lowerBound > lines.lowerBound } ?? free.count
    free.insert(lines, at: index)
    for left in [index, index - 1] where left >= 0 && left + 1 < free.count {
      guard free[left].upperBound == free[left + 1].lowerBound else { continue }
      free[left] = free[left].lowerBound..<free[left + 1].upperBound
      free.remove(at: left + 1)
    }
    spare += UInt32(lines.count) - 1
  }
}

extension Capacity {
  /// The lines of the default rate for each source, at the beginning of the table.
  var packetLines: Range<UInt32> { 0..<lines }
  var byteLines: Range<UInt32> { lines..<2 * lines }
}

extension aegis_rates {
  /// Puts the default rate on its lines.
  mutating func putSources(on capacity: Capacity) {
    source.packets.put(on: capacity.packetLines)
    source.bytes.put(on: capacity.byteLines)
  }

  /// Does the same after the rates of `before` were changed.
  mutating func putSources(where before: aegis_rates) {
    source.packets.put(where: before.source.packets)
    source.bytes.put(where: before.source.bytes)
  }
}

/// The maximum and the minimum number of lines for a rate: powers of two.
struct LineNeed: Equatable {
  let least: UInt32
  let most: UInt32
  let isTotal: Bool

  /// - Parameters:
  ///   - sources: The number of possible sources; a total has one bucket for all.
  ///   - cpus: The number of CPUs that share a per-CPU rate, each with its own bucket.
  init(_ rate: aegis_rate, sources: UInt64, isTotal: Bool, cpus: Int) {
    let cpus = rate.flags & AEGIS_RATE_PER_CPU.rawValue != 0 ? UInt32(clamping: max(1, cpus)) : 1
    let buckets = (isTotal ? 1 : min(sources, 1 << 24)) * UInt64(cpus)
    most = .powerOfTwo(atLeast: UInt32(clamping: min(buckets, 1 << 30)))
    least = min(most, .powerOfTwo(atLeast: (cpus + AEGIS_WAYS - 1) / AEGIS_WAYS))
    self.isTotal = isTotal
  }

  static let isNotMet = AegisError(
    .failed, "the limiter's table is too small for one bucket of this rate per CPU",
    hint: "raise it with aegisctl load --replace --max-sources N, or use --algorithm token-bucket")

  /// Whether the lines of a rate are enough.
  func isMet(by lines: Range<UInt32>?) -> Bool {
    guard let lines, lines.count >= least else { return false }
    return !isTotal || lines.count <= most
  }
}

extension UInt32 {
  static func powerOfTwo(atMost number: UInt32) -> UInt32 {
    1 << (bitWidth - 1 - (number | 1).leadingZeroBitCount)
  }

  static func powerOfTwo(atLeast number: UInt32) -> UInt32 {
    number <= 1 ? 1 : 1 << (bitWidth - (number - 1).leadingZeroBitCount)
  }
}

extension aegis_rate {
  /// Its lines of the limiter's table; nil without a rate, or before it got lines. Line 0 belongs to the default rate.
  var lines: Range<UInt32>? {
    interval == 0 || first_line == 0 ? nil : first_line..<first_line + line_mask + 1
  }

  mutating func put(on lines: Range<UInt32>) {
    first_line = lines.lowerBound
    line_mask = UInt32(lines.count) - 1
  }

  mutating func put(where other: aegis_rate) {
    first_line = other.first_line
    line_mask = other.line_mask
  }
}

extension aegis_rates {
  /// Which are rates for each source, and which totals.
  static var kinds: [(rate: WritableKeyPath<aegis_rates, aegis_rate>, isTotal: Bool)] {
    [
      (\.source.packets, false), (\.source.bytes, false), (\.total.packets, true),
      (\.total.bytes, true),
    ]
  }

  /// Assigns lines to rates that have none, or too few.
  ///
  /// - Parameters:
  ///   - isDefault: Whether it is the default rate, whose lines for each source stay as they are.
  ///   - take: Returns free lines.
  mutating func place(
    sources: UInt64, cpus: Int, isDefault: Bool,
    take: (LineNeed) throws(AegisError) -> Range<UInt32>
  ) throws(AegisError) {
    for kind in Self.kinds where !isDefault || kind.isTotal {
      let rate = self[keyPath: kind.rate]
      if rate.interval == 0 { continue }
      let need = LineNeed(rate, sources: sources, isTotal: kind.isTotal, cpus: cpus)
      if need.isMet(by: rate.lines) { continue }
      self[keyPath: kind.rate].put(on: try take(need))
    }
  }

  var lines: [Range<UInt32>] { Self.kinds.compactMap { self[keyPath: $0.rate].lines } }
}
