import Aegis

/// The result of reading events, reported at the end.
struct EventSummary {
  /// The number of events that were shown.
  let events: Int
  let tally: EventTally
  let duration: Duration
  /// How long nothing was reported because this process was stopped.
  let missed: Duration
  let filter: EventFilter

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "EventSummary"
    let events: Int
    let seconds: Double
    /// Packets that matched the conditions; the next four add up to it.
    let matched: UInt64
    let told: UInt64
    let lost: UInt64
    let heldBackByRate: UInt64
    let heldBackBySample: UInt64
    let secondsMissed: Double
  }

  var object: Object {
    Object(
      events: events, seconds: duration / .seconds(1), matched: tally.matched, told: tally.told,
      lost: tally.lost, heldBackByRate: tally.heldBack, heldBackBySample: tally.skipped,
      secondsMissed: missed / .seconds(1))
  }

  /// A line without its line feed.
  var text: String {
    let head = """
      \(Self.count(events, "event")) of \(Self.count(tally.matched, "packet")) that matched, \
      in \(FractionText.decimals(duration / .seconds(1), 1)) s
      """
    return ([head] + losses).joined(separator: "; ")
  }

  private var losses: [String] {
    var parts: [String] = []
    if tally.heldBack > 0 { parts.append("\(tally.heldBack) held back by --rate \(filter.rate)") }
    if tally.skipped > 0 {
      parts.append("\(tally.skipped) passed over by --sample \(filter.sample)")
    }
    if tally.lost > 0 {
      parts.append("\(tally.lost) lost, for they came faster than they were read")
    }
    if tally.told > events { parts.append("\(tally.told - UInt64(events)) not shown") }
    if missed > .zero {
      parts.append("nothing told for \(DurationText.format(missed)), while nobody looked")
    }
    return parts
  }

  /// The warning that is printed even with --quiet.
  var warning: String? {
    let isBad = tally.lost > 0 || missed > .zero
    return isBad ? text : nil
  }

  private static func count(_ number: some BinaryInteger, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
