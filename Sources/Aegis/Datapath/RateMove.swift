internal import BPF
internal import CAegis
internal import Linux

/// Moves the rates of one generation to another whose table of buckets has another size: onto lines of that table, with
/// what sources owe.
struct RateMove {
  let source: String
  /// The ABI of the source.
  let abi: UInt32
  let directory: String
  let capacity: Capacity

  /// - Parameters:
  ///   - own: The configurations of the other profiles.
  ///   - prefixes: The prefixes that the allow keys name, by the number of their rate.
  func make(
    _ config: inout aegis_config, _ own: inout [UInt32: aegis_config],
    prefixes: [UInt32: Prefix]
  ) throws(AegisError) {
    let before = config.rates
    config.rates.markBytes()
    var table = LineTable(capacity)
    let cpus = (try? CPUs.possible()) ?? 1
    var debts: [(from: Range<UInt32>, to: Range<UInt32>)] = []

    func place(_ rates: inout aegis_rates, _ sources: UInt64) throws(AegisError) {
      for kind in aegis_rates.kinds where rates[keyPath: kind.rate].interval != 0 {
        let rate = rates[keyPath: kind.rate]
        let need = LineNeed(rate, sources: sources, isTotal: kind.isTotal, cpus: cpus)
        guard let lines = table.take(need) else { throw LineNeed.isNotMet }
        if let old = rate.lines { debts.append((old, lines)) }
        rates[keyPath: kind.rate].put(on: lines)
      }
    }

    var stored = try StoredRates.read(source, abi: abi)
    // The rate that had the most lines gets the most again.
    stored.sort { $0.room > $1.room }
    var rest = aegis_rates()
    rest.total = config.rates.total
    try place(&rest, 1)
    config.rates.total = rest.total
    config.rates.putSources(on: capacity)
    for profile in own.keys.sorted() {
      var rates = own[profile]!.rates
      try place(&rates, .max)
      own[profile]!.rates = rates
    }
    for index in stored.indices {
      stored[index].rates.markBytes()
      let selected = stored[index].selected(by: prefixes)
      try place(&stored[index].rates, config.sources(in: selected))
    }
    try StoredRates.write(stored, to: directory)
    try copyDebts(debts, of: before, config.rates, isAlone: stored.isEmpty)
  }

  /// Packets that are charged during the copy are forgotten.
  private func copyDebts(
    _ rules: [(from: Range<UInt32>, to: Range<UInt32>)], of before: aegis_rates,
    _ after: aegis_rates, isAlone: Bool
  ) throws(AegisError) {
    try kernel { () throws(SystemError) in
      let old = try BPFMap<UInt32, aegis_line>(pinnedAt: AEGIS_MAP_cells.pin(in: source))
      let new = try BPFMap<UInt32, aegis_line>(pinnedAt: AEGIS_MAP_cells.pin(in: directory))
      let count = try old.info().maxEntries
      var lines = [aegis_line](repeating: aegis_line(), count: Int(count))
      try old.visit { lines[Int($0)] = $1 }
      try new.clear(0..<capacity.cells)
      for (from, to) in rules + ownDebts(before, after, isAlone, count) {
        let resized = BucketResize().resized(
          Array(lines[Int(from.lowerBound)..<Int(from.upperBound)]), to: to.count)
        try new.update(zip(to, resized).map { (key: $0, value: $1) })
      }
    }
  }

  /// Copies the debts of the default rate. Up to layout 3 the debts of all rates lay in the same lines: with more than
  /// one rate they would stop sources that another rate judges, and are therefore forgiven.
  private func ownDebts(
    _ before: aegis_rates, _ after: aegis_rates, _ isAlone: Bool, _ count: UInt32
  ) -> [(from: Range<UInt32>, to: Range<UInt32>)] {
    if abi >= 4 {
      let lines = Capacity.lines(ofCells: count)
      return [(0..<lines, capacity.packetLines), (lines..<2 * lines, capacity.byteLines)]
    }
    let rates = aegis_rates.kinds.filter { before[keyPath: $0.rate].interval != 0 }
    guard isAlone, rates.count == 1 else { return [] }
    let only = after[keyPath: rates[0].rate]
    return [(0..<count, only.first_line..<only.first_line + only.line_mask + 1)]
  }
}

extension aegis_rates {
  /// Rates of earlier versions do not say in themselves that they are of bytes.
  fileprivate mutating func markBytes() {
    for rate in [\Self.source.bytes, \.total.bytes] where self[keyPath: rate].interval != 0 {
      self[keyPath: rate].flags |= AEGIS_RATE_BYTES.rawValue
    }
  }
}

extension StoredRates {
  fileprivate var room: Int { rates.lines.reduce(0) { $0 + $1.count } }

  /// nil means all sources.
  fileprivate func selected(by keys: [UInt32: Prefix]) -> Prefix? {
    switch place {
    case .port, .addressClass: nil
    case .prefix(let key, _): key.prefix
    case .key(let number): keys[number]
    }
  }
}
