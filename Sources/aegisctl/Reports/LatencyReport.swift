import Aegis

struct LatencyReport: Report {
  struct Interface: Encodable {
    let name: String
    let mode: String
    let ending: String
  }

  /// ns; percentiles are the upper ends of their buckets.
  struct Times: Encodable {
    let min: UInt64
    let mean: Double
    let p50: UInt64
    let p90: UInt64
    let p99: UInt64
    let p999: UInt64
    let p9999: UInt64
    let max: UInt64
    /// max - min
    let jitter: UInt64
  }

  struct Bucket: Encodable {
    /// ns, both ends included.
    let from: UInt64
    let to: UInt64
    let packets: UInt64
  }

  struct Bounds: Encodable {
    let atLeast: UInt64
    let atMost: UInt64
  }

  struct Item: Encodable {
    let verdict: String
    /// The sum of the buckets.
    let packets: UInt64
    /// From the counters of the interfaces during the measurement; absent if they continued without it.
    let counted: Bounds?
    /// Absent without packets.
    let nanoseconds: Times?
    /// The buckets that are not empty.
    let buckets: [Bucket]
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Latency"
    let seconds: Double
    let interfaces: [Interface]
    /// The time of the clock itself, which is included once in every time.
    let clock: Times?
    let items: [Item]
    let total: Item
    /// The part of the program of set-hook in these times; absent without one.
    let hook: Item?
  }

  private let result: LatencyResult

  init(_ result: LatencyResult) {
    self.result = result
  }

  var object: Object {
    Object(
      seconds: result.seconds,
      interfaces: result.interfaces.map {
        Interface(name: $0.name, mode: $0.mode.rawValue, ending: $0.ending.rawValue)
      },
      clock: Times(result.clock),
      items: Verdict.allCases.map { item($0.rawValue, histogram($0), result.counted?[$0]) },
      total: item("all", result.all, counted), hook: result.hook.map { item("hook", $0, nil) })
  }

  var names: [String] { result.interfaces.map(\.name) }

  private func histogram(_ verdict: Verdict) -> LatencyHistogram {
    result.histograms[verdict] ?? LatencyHistogram()
  }

  /// Sum of both verdicts.
  private var counted: ClosedRange<UInt64>? {
    guard let counted = result.counted?.values else { return nil }
    return counted.reduce(0) { $0 + $1.lowerBound }...counted.reduce(0) { $0 + $1.upperBound }
  }

  private func item(
    _ verdict: String, _ histogram: LatencyHistogram, _ counted: ClosedRange<UInt64>?
  ) -> Item {
    Item(
      verdict: verdict, packets: histogram.packets,
      counted: counted.map { Bounds(atLeast: $0.lowerBound, atMost: $0.upperBound) },
      nanoseconds: Times(histogram),
      buckets: histogram.buckets.map {
        Bucket(from: $0.range.lowerBound, to: $0.range.upperBound, packets: $0.packets)
      })
  }

  func table(wide: Bool) -> Table {
    let all = result.all
    // Hardly any host answers in the datapath.
    let shown = Verdict.allCases.filter { $0 != .reply || histogram($0).packets > 0 }
    let rows =
      shown.map { row($0.rawValue, histogram($0), wide: wide) }
      + [row("all", all, wide: wide)] + (result.hook.map { [row("hook", $0, wide: wide)] } ?? [])
    let columns: [Table.Column] =
      ["verdict", .right("packets")]
      + ["p50", "p90", "p99", "p99.9", "max", "jitter"].map { .right($0) }
      + (wide ? [.right("min"), .right("mean"), .right("p99.99")] : [])
    let limit = wide ? all.most : all.percentile(0.99)
    let drawing = LatencyDrawing(LatencyRows(result, upTo: limit ?? 0, most: wide ? 60 : 20))
    let parts = [Table(columns, rows: rows), Table(["", ""], rows: facts)] + drawing.tables
    return Table(joining: parts.map { (nil, $0) })
  }

  private func row(_ verdict: String, _ histogram: LatencyHistogram, wide: Bool) -> [String] {
    let times = Times(histogram)
    let cells = [
      times?.p50, times?.p90, times?.p99, times?.p999, times?.max, times?.jitter,
    ]
    let more = wide ? [times?.min, times.map { UInt64($0.mean.rounded()) }, times?.p9999] : []
    return [verdict, "\(histogram.packets)"] + (cells + more).map { $0.map { "\($0)" } ?? "-" }
  }

  private var facts: [[String]] {
    let names = result.interfaces.map { "\($0.name) (\($0.mode.rawValue))" }
    let clock =
      result.clock.percentile(0.5).map { ", including \($0) (p50) for reading the clock" } ?? ""
    var facts = [
      ["measured", "\(Self.seconds(result.seconds)) on \(names.joined(separator: ", "))"],
      ["times", "in ns" + clock],
    ]
    if let counted {
      let (least, most) = (counted.lowerBound, counted.upperBound)
      facts.append([
        "counted", (least == most ? "" : "\(least) to ") + "\(most) packets during the measurement",
      ])
    }
    if result.hook != nil {
      facts.append([
        "hook", "the part of the program of set-hook; its packets include two more readings",
      ])
    }
    if result.all.packets == 0 { facts.append(["packets", "none arrived"]) }
    return facts
  }

  /// With one decimal.
  static func seconds(_ seconds: Double) -> String {
    FractionText.decimals(seconds, 1) + " s"
  }
}

extension LatencyReport.Times {
  init?(_ histogram: LatencyHistogram) {
    guard let min = histogram.least, let max = histogram.most, let mean = histogram.mean,
      let jitter = histogram.jitter, let p50 = histogram.percentile(0.5),
      let p90 = histogram.percentile(0.9), let p99 = histogram.percentile(0.99),
      let p999 = histogram.percentile(0.999), let p9999 = histogram.percentile(0.9999)
    else { return nil }
    self.init(
      min: min, mean: mean, p50: p50, p90: p90, p99: p99, p999: p999, p9999: p9999, max: max,
      jitter: jitter)
  }
}
