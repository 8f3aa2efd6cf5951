import Aegis

struct StatsReport: Report {
  struct ReasonObject: Encodable {
    let reason: String
    let verdict: String
    let packets: UInt64
    let bytes: UInt64
    let packetsPerSecond: Double?
    let bytesPerSecond: Double?

    init(
      _ reason: Reason, _ count: Count, packetsPerSecond: Double? = nil,
      bytesPerSecond: Double? = nil
    ) {
      self.reason = reason.name
      verdict = reason.verdict.rawValue
      packets = count.packets
      bytes = count.bytes
      self.packetsPerSecond = packetsPerSecond
      self.bytesPerSecond = bytesPerSecond
    }
  }

  struct Item: Encodable {
    let interface: String
    /// Absent for interfaces that are not known, and in the total.
    let direction: String?
    let state: String
    let passed: CountObject
    let dropped: CountObject
    /// Share of the packets, 0 to 1.
    let dropShare: Double
    let limiterShared: UInt64
    let limiterContended: UInt64
    /// Frames that the other port of a wire did not take.
    let wireLost: UInt64
    /// Frames of the host itself that a port of a wire kept back.
    let wireSilenced: UInt64
    let reasons: [ReasonObject]
    /// Packets that passed, and would have been dropped without monitoring.
    let wouldDrop: [ReasonObject]
    /// CPUs that had packets; absent if none had, and in the total.
    let cpus: [CPUObject]?
  }

  struct CPUObject: Encodable {
    let cpu: Int
    let passed: CountObject
    let dropped: CountObject
  }

  struct CountObject: Encodable {
    let packets: UInt64
    let bytes: UInt64

    init(_ count: Count) {
      packets = count.packets
      bytes = count.bytes
    }
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Stats"
    let items: [Item]
    let total: Item
    /// RFC 3339; set if the counters are read repeatedly.
    let time: String?
    let top: StatsTop?
  }

  private struct Row {
    let name: String
    let direction: Direction?
    let state: String
    let counts: Counts
    /// Counts of the last interval; nil for a single read.
    let recent: Counts?
    let perCPU: [Counts]

    var label: String { direction == .out ? "\(name) out" : name }
  }

  private let rows: [Row]
  private let total: Row
  private let seconds: Double
  private let top: StatsTop?
  /// Set if the counters are read repeatedly.
  var takenAt: WallTime?
  /// A column of sparklines, if present.
  var trends: Trends?

  init(_ sample: StatsSample, since first: StatsSample?, top: StatsTop? = nil) {
    let elapsed = first.map { $0.takenAt.duration(to: sample.takenAt) } ?? .zero
    self.init(sample, seconds: elapsed / .seconds(1), top: top) { part in
      guard let first else { return nil }
      let same = first.parts.filter { $0.name == part.name && $0.direction == part.direction }
      let before = same.first { $0.state == part.state } ?? same.first
      return before?.counts ?? Counts()
    }
  }

  /// Averages are over `seconds`, the time in which everything was counted.
  init(_ sample: StatsSample, averageOver seconds: Double, top: StatsTop?) {
    self.init(sample, seconds: seconds, top: top) { _ in Counts() }
  }

  private init(
    _ sample: StatsSample, seconds: Double, top: StatsTop?,
    before: (StatsSample.Part) -> Counts?
  ) {
    self.seconds = seconds
    self.top = top
    rows = sample.parts.map { part in
      Row(
        name: part.name, direction: part.direction, state: part.state, counts: part.counts,
        recent: before(part).map { part.counts - $0 }, perCPU: part.perCPU)
    }
    let hasRates = seconds > 0
    total = Row(
      name: "total", direction: nil, state: "",
      counts: rows.reduce(into: Counts()) { $0 += $1.counts },
      recent: hasRates ? rows.reduce(into: Counts()) { $0 += $1.recent ?? Counts() } : nil,
      perCPU: [])
  }

  var object: Object {
    Object(
      items: rows.map(item), total: item(total), time: takenAt.map { "\($0)" }, top: top)
  }

  /// Packets per second for each line that a table can have.
  var packetRates: [Trends.Line: Double] {
    (rows + [total]).reduce(into: [:]) { rates, row in
      guard let recent = row.recent, seconds > 0 else { return }
      func add(_ name: String, _ count: Count) {
        rates[Trends.Line(interface: row.label, name: name)] = Double(count.packets) / seconds
      }
      for verdict in recent.verdicts { add(verdict.rawValue, recent.total(verdict)) }
      for reason in recent.reasons { add(reason.name, recent[reason]) }
      for (reason, count) in recent.wouldDrop { add("would-" + reason.name, count) }
    }
  }

  var names: [String] { rows.map(\.name) }

  private func item(_ row: Row) -> Item {
    let passed = row.counts.total(.pass)
    let dropped = row.counts.total(.drop)
    let all = row.counts.packets
    return Item(
      interface: row.name, direction: row.direction?.rawValue, state: row.state,
      passed: CountObject(passed),
      dropped: CountObject(dropped),
      dropShare: all == 0 ? 0 : Double(dropped.packets) / Double(all),
      limiterShared: row.counts.shared, limiterContended: row.counts.contended,
      wireLost: row.counts.lost, wireSilenced: row.counts.silenced,
      reasons: row.counts.reasons.map {
        object($0, row.counts[$0], row.recent?[$0])
      },
      wouldDrop: row.counts.monitored.map {
        object($0, row.counts.wouldDrop[$0] ?? Count(), row.recent.map { $0.wouldDrop }?[$0])
      },
      cpus: cpus(row))
  }

  private func cpus(_ row: Row) -> [CPUObject]? {
    let busy = row.perCPU.enumerated().filter { $0.element.packets > 0 }
    if busy.isEmpty { return nil }
    return busy.map { cpu, counts in
      CPUObject(
        cpu: cpu, passed: CountObject(counts.total(.pass)),
        dropped: CountObject(counts.total(.drop)))
    }
  }

  private func object(_ reason: Reason, _ count: Count, _ recent: Count?) -> ReasonObject {
    ReasonObject(
      reason, count, packetsPerSecond: recent.map { Double($0.packets) / seconds },
      bytesPerSecond: recent.map { Double($0.bytes) / seconds })
  }

  func table(wide: Bool) -> Table {
    var columns: [Table.Column] = [
      "interface", "reason", .right("packets"), .right("bytes"), .right("share"),
    ]
    if total.recent != nil { columns += [.right("packets/s"), .right("bytes/s")] }
    if trends != nil { columns.append("last minute") }
    if wide { columns.append("meaning") }
    // A single interface is its own total.
    let shown = rows.count == 1 ? rows : rows + [total]
    let counters = Table(columns, rows: shown.flatMap { lines($0, wide: wide) })
    let more = (wide ? perCPU : []) + (top?.tables ?? [])
    return more.isEmpty ? counters : Table(joining: [(nil, counters)] + more)
  }

  /// A row for every CPU and interface that had packets.
  private var perCPU: [(title: String?, table: Table)] {
    let lines = rows.flatMap { row in
      (cpus(row) ?? []).map { cpu in
        let (passed, dropped) = (cpu.passed.packets, cpu.dropped.packets)
        return [
          row.label, "\(cpu.cpu)", "\(passed)", "\(dropped)",
          "\(cpu.passed.bytes + cpu.dropped.bytes)",
          FractionText.percent(passed + dropped, of: row.counts.packets),
        ]
      }
    }
    if lines.isEmpty { return [] }
    let columns: [Table.Column] = [
      "interface", .right("cpu"), .right("passed"), .right("dropped"), .right("bytes"),
      .right("share"),
    ]
    return [("by CPU", Table(columns, rows: lines))]
  }

  /// A row for every reason that occurred, or for all with `wide`, below a row for each verdict.
  private func lines(_ row: Row, wide: Bool) -> [[String]] {
    let all = row.counts.verdicts.reduce(0) { $0 + row.counts.total($1).packets }
    let monitored = row.counts.monitored.map { reason in
      line(
        row, "would-" + reason.name, row.counts.wouldDrop[reason] ?? Count(),
        row.recent.map { $0.wouldDrop[reason] ?? Count() }, of: all,
        meaning: wide ? "passed, monitored only: \(reason.meaning)" : nil)
    }
    // Hardly any host answers in the datapath.
    let verdicts = row.counts.verdicts.filter {
      wide || $0 != .reply || row.counts.total($0).packets > 0
    }
    return verdicts.flatMap { verdict in
      let reasons = row.counts.reasons.filter { reason in
        reason.verdict == verdict && (wide || row.counts[reason].packets > 0)
      }
      let sum = line(
        row, verdict.rawValue, row.counts.total(verdict), row.recent?.total(verdict), of: all,
        meaning: wide ? "" : nil)
      return [sum]
        + reasons.map { reason in
          line(
            row, reason.name, row.counts[reason], row.recent?[reason], of: all,
            meaning: wide ? reason.meaning : nil)
        }
    } + monitored + wire(row, wide: wide)
  }

  /// Frames of a wire that no reason counts.
  private func wire(_ row: Row, wide: Bool) -> [[String]] {
    let counters: [(String, KeyPath<Counts, UInt64>, String)] = [
      ("wire.lost", \.lost, "the driver of the other port did not take them"),
      ("wire.silenced", \.silenced, "sent by this host itself, and kept back"),
    ]
    return counters.filter { row.counts[keyPath: $0.1] > 0 }.map { name, path, meaning in
      var cells = [row.label, name, "\(row.counts[keyPath: path])", "", ""]
      if let recent = row.recent {
        cells += ["\(UInt64((Double(recent[keyPath: path]) / seconds).rounded()))", ""]
      }
      if trends != nil { cells.append("") }
      return wide ? cells + [meaning] : cells
    }
  }

  private func line(
    _ row: Row, _ name: String, _ count: Count, _ recent: Count?, of all: UInt64, meaning: String?
  ) -> [String] {
    var cells = [
      row.label, name, "\(count.packets)", "\(count.bytes)",
      FractionText.percent(count.packets, of: all),
    ]
    if let recent {
      cells += [recent.packets, recent.bytes].map { "\(UInt64((Double($0) / seconds).rounded()))" }
    }
    if let trends { cells.append(trends.sparkline(Trends.Line(interface: row.label, name: name))) }
    return meaning.map { cells + [$0] } ?? cells
  }
}
