import Aegis

struct ReplayReport: Report {
  struct SourceObject: Encodable {
    /// For packets that leave, the destination.
    let source: String
    let packets: UInt64
    let dropped: UInt64
    /// Packets by reason.
    let reasons: [String: UInt64]
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Replay"
    let file: String
    /// The packets that were judged, `in` or `out`.
    let direction: String
    let packets: UInt64
    /// The time from the first packet to the last.
    let recordedSeconds: Double
    let passed: StatsReport.CountObject
    let dropped: StatsReport.CountObject
    let reasons: [StatsReport.ReasonObject]
    let wouldDrop: [StatsReport.ReasonObject]
    let sources: Int
    let hasMoreSources: Bool
    let sourcesHit: [SourceObject]
    /// Packets of which the capture holds only the beginning.
    let cut: Int
    /// Packets that the capturing host sent, or received, and that are not judged for this reason.
    let outgoing: Int
    let incoming: Int
    /// Packets shorter than an Ethernet header.
    let unjudged: Int
    /// Packets cut within the headers that decide. Apart from this they are counted only in `cut`.
    let unreadable: Int
  }

  /// What is reported about packets of the capture.
  struct Frames {
    var cut = 0
    /// Of the other direction.
    var skipped = 0
  }

  let object: Object

  init(_ replay: borrowing Replay, file: String, _ frames: Frames, top: Int) {
    let counts = replay.counts
    let (passed, dropped) = (counts.total(.pass), counts.total(.drop))
    object = Object(
      file: file, direction: replay.direction.rawValue, packets: passed.packets + dropped.packets,
      recordedSeconds: replay.span.map { (Double($0.upperBound) - Double($0.lowerBound)) / 1e9 }
        ?? 0,
      passed: StatsReport.CountObject(passed), dropped: StatsReport.CountObject(dropped),
      reasons: Reason.allCases.compactMap { reason in
        counts.byReason[reason].map { StatsReport.ReasonObject(reason, $0) }
      },
      wouldDrop: Reason.allCases.compactMap { reason in
        counts.wouldDrop[reason].map { StatsReport.ReasonObject(reason, $0) }
      },
      sources: replay.sourceCount, hasMoreSources: replay.hasMoreSources,
      sourcesHit: replay.worst(top).map { source in
        SourceObject(
          source: "\(source.address)", packets: source.packets, dropped: source.droppedPackets,
          reasons: .init(uniqueKeysWithValues: source.dropped.map { ($0.key.name, $0.value) }))
      },
      cut: frames.cut, outgoing: replay.direction == .in ? frames.skipped : 0,
      incoming: replay.direction == .out ? frames.skipped : 0, unjudged: replay.unjudged,
      unreadable: replay.unreadable)
  }

  /// The affected sources, for drop-ip.
  var names: [String] { object.sourcesHit.map(\.source) }

  func table(wide: Bool) -> Table {
    let columns: [Table.Column] = ["reason", .right("packets"), .right("bytes"), .right("share")]
    let verdicts = [("pass", object.passed), ("drop", object.dropped)]
    let lines = verdicts.flatMap { verdict, count in
      [line(verdict, count.packets, count.bytes)]
        + object.reasons.filter { $0.verdict == verdict }.map {
          line($0.reason, $0.packets, $0.bytes)
        }
    }
    let monitored = object.wouldDrop.map { line("would-\($0.reason)", $0.packets, $0.bytes) }
    let reasons = Table(columns, rows: lines + monitored)
    return Table(
      joining: [(nil, facts), (nil, reasons)] + (object.sourcesHit.isEmpty ? [] : [sources]))
  }

  /// What packets are told apart by.
  private var peer: String {
    object.direction == Direction.out.rawValue ? "destination" : "source"
  }

  private var facts: Table {
    let more = object.hasMoreSources ? "more than " : ""
    var rows = [
      ["packets", "\(object.packets)"],
      ["recorded in", FractionText.decimals(object.recordedSeconds, 3) + " s"],
      ["\(peer)s", more + "\(object.sources)"],
    ]
    if let relayed = object.reasons.first(where: { $0.reason == "pass.relay" }) {
      rows.append(["to the relay", "\(relayed.packets), whose tokens are not checked"])
    }
    if object.cut > 0 { rows.append(["cut short", "\(object.cut), padded with zeros"]) }
    if object.outgoing > 0 { rows.append(["sent", "\(object.outgoing), skipped"]) }
    if object.incoming > 0 { rows.append(["received", "\(object.incoming), skipped"]) }
    if object.unreadable > 0 {
      rows.append(["cut in headers", "\(object.unreadable) of these, not evaluated"])
    }
    if object.unjudged > 0 { rows.append(["too short", "\(object.unjudged), not evaluated"]) }
    return Table(["", ""], rows: rows)
  }

  private var sources: (title: String?, table: Table) {
    let rows = object.sourcesHit.map { source in
      [
        source.source, "\(source.dropped)", "\(source.packets)",
        source.reasons.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
          .map { "\($0.key) \($0.value)" }.joined(separator: ", "),
      ]
    }
    return (
      "\(peer)s with the most drops",
      Table([Table.Column(peer), .right("dropped"), .right("packets"), "reasons"], rows: rows)
    )
  }

  private func line(_ name: String, _ packets: UInt64, _ bytes: UInt64) -> [String] {
    [name, "\(packets)", "\(bytes)", FractionText.percent(packets, of: object.packets)]
  }
}
