internal import BPF
internal import CAegis
internal import Linux

/// Gives rates lines of the limiter's table that no other rate has. The stored rates record which lines they own.
struct RateLines: ~Copyable {
  private let datapath: Datapath
  private let capacity: Capacity
  private let cpus = (try? CPUs.possible()) ?? 1
  /// Read when a rate first needs lines: most changes need none.
  private var table: LineTable?
  /// Lines of removed rates that a packet may still be judged by.
  private var returned: [Range<UInt32>] = []

  init(_ datapath: Datapath) throws(AegisError) {
    self.datapath = datapath
    capacity = try datapath.capacity()
  }

  /// Gives lines to the rates that have none, or too few. The lines are empty: nobody owes a new rate anything.
  ///
  /// - Parameters:
  ///   - sources: The number of sources that the rates can be for.
  ///   - isDefault: Whether it is the default rate, which has its lines for each source from the beginning.
  /// - Throws: `failed` if there are not enough for a rate that has a bucket on each CPU.
  mutating func place(
    _ rates: inout aegis_rates, sources: UInt64, isDefault: Bool = false
  ) throws(AegisError) {
    try rates.place(sources: sources, cpus: cpus, isDefault: isDefault) { need throws(AegisError) in
      let lines = try take(need)
      try clear(lines)
      return lines
    }
  }

  /// Frees the lines that are in `before` but not in `after`, once no packet is judged by them.
  mutating func release(_ before: aegis_rates, for after: aegis_rates) {
    let kept = after.lines
    returned += before.lines.filter { !kept.contains($0) }
  }

  private mutating func take(_ need: LineNeed) throws(AegisError) -> Range<UInt32> {
    var table =
      if let table { table } else {
        LineTable(capacity, taken: try StoredRates.lines(of: datapath) + returned)
      }
    defer { self.table = table }
    // Waiting takes some milliseconds, so it is not done for each of a thousand rates.
    if returned.reduce(0, { $0 + $1.count }) > table.spare / 8 { try reclaim(for: &table) }
    if let lines = table.take(need) { return lines }
    try reclaim(for: &table)
    if let lines = table.take(need) { return lines }
    throw LineNeed.isNotMet
  }

  private mutating func reclaim(for table: inout LineTable) throws(AegisError) {
    if returned.isEmpty { return }
    try kernel { () throws(SystemError) in try GracePeriod.wait() }
    for lines in returned { table.give(back: lines) }
    returned = []
  }

  private func clear(_ lines: Range<UInt32>) throws(AegisError) {
    let cells: BPFMap<UInt32, aegis_line> = try datapath.map(AEGIS_MAP_cells)
    try kernel { () throws(SystemError) in try cells.clear(lines) }
  }
}

extension BPFMap where Key == UInt32, Value == aegis_line {
  /// Clears the debts in these lines.
  func clear(_ lines: Range<UInt32>) throws(SystemError) {
    let chunk = 1 << 16
    for first in stride(from: lines.lowerBound, to: lines.upperBound, by: chunk) {
      let some = first..<min(first + UInt32(chunk), lines.upperBound)
      try update(some.map { (key: $0, value: aegis_line()) })
    }
  }
}

extension aegis_config {
  /// Makes the datapath look for the existing rates.
  mutating func announceRates() {
    // With rates by class, RateTable sets the second one once it has stored all rates.
    stages &= ~(aegis_stage.rate | aegis_stage.rateSimple)
    if !rates.isEmpty || rate_shapes != 0 { stages |= aegis_stage.rate }
    if rates.isSimple && rate_shapes == 0 { stages |= aegis_stage.rateSimple }
    // Even without classes, all addresses are foreign.
    if rate_shapes & AEGIS_RATE_BY_CLASS.rawValue != 0 { stages |= aegis_stage.classes }
  }

  /// The number of sources that the limiter can distinguish within a prefix; nil means everywhere.
  func sources(in prefix: Prefix?) -> UInt64 {
    guard let prefix else { return .max }
    let isV4 = prefix.address.width == 32
    let length = Settings.length(of: isV4 ? mask_v4 : mask_v6)
    return 1 << UInt64(min(max(0, length - prefix.length), 63))
  }
}
