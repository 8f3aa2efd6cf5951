import Aegis

struct WhyReport: Report {
  struct EntryObject: Encodable {
    let name: String
    let note: String?
    /// Absent if it does not expire.
    let remainingMilliseconds: Int64?
    let monitor: Bool
    /// Of a drop entry.
    let list: String?
  }

  /// A rule that the packet matched.
  struct MatchedRuleObject: Encodable {
    /// Absent if it no longer exists, as what follows.
    let name: String?
    /// Which packets it is for.
    let match: String?
    let then: String
    let note: String?
    let remainingMilliseconds: Int64?
    let monitor: Bool
  }

  /// An entry of a list that contains the address.
  struct HoldingObject: Encodable {
    let list: String
    let source: String
    /// Whether it drops packets by itself.
    let enforced: Bool
  }

  struct RuleObject: Encodable {
    let rule: String
    /// The selector of the rate; the most specific one decides.
    let by: String
  }

  struct BucketObject: Encodable {
    let rate: String
    let unit: String
    let burst: UInt64
    /// Whether it is for all sources together, not for each.
    let total: Bool
    let rule: RuleObject
    let passedOver: [RuleObject]
    /// Before this packet.
    let left: UInt64
    let conforms: Bool
    let retryMilliseconds: Double?
    let shared: Bool
  }

  struct StepObject: Encodable {
    let stage: String
    let result: String
    let entry: EntryObject?
    let rule: MatchedRuleObject?
    let buckets: [BucketObject]?
    let remainingMilliseconds: Int64?
    /// What lists have that contains the address, besides the entry; absent if nothing.
    let lists: [HoldingObject]?
  }

  struct OriginObject: Encodable {
    let `class`: String?
    /// The prefix that gives the address its class; absent if none does.
    let prefix: String?
    let country: String?
    /// The file that names the country.
    let file: String?
    /// The day of its data.
    let dated: String?
  }

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "Why"
    let packet: String?
    let source: String?
    let port: UInt16?
    let `protocol`: String?
    let length: Int
    let origin: OriginObject?
    let steps: [StepObject]
    let verdict: String
    let reason: String
    let meaning: String
    /// The reason that would drop it without monitoring.
    let wouldDrop: String?
    /// The other port of the wire, by which it leaves; absent if it does not.
    let leavesBy: String?
  }

  private let trace: PacketTrace
  private let description: String?
  private let direction: Direction
  private let length: Int
  private let leavesBy: String?

  /// - Parameters:
  ///   - description: The description of a packet given in words.
  ///   - peer: The other port of the wire, if it comes in by a port of one.
  init(
    _ trace: PacketTrace, description: String?, _ direction: Direction = .in, length: Int,
    peer: String? = nil
  ) {
    self.direction = direction
    leavesBy = trace.judgement.isSentAcross ? peer : nil
    self.trace = trace
    self.description = description
    self.length = length
  }

  var names: [String] { [trace.reason.name] }

  var object: Object {
    let judgement = trace.judgement
    return Object(
      packet: description, source: judgement.source.map { "\($0)" }, port: judgement.port,
      protocol: judgement.protocol.map { "\($0)" }, length: length,
      origin: trace.origin.flatMap { OriginObject($0) },
      steps: trace.steps.map(StepObject.init), verdict: trace.reason.verdict.rawValue,
      reason: trace.reason.name, meaning: trace.reason.meaning(direction),
      wouldDrop: judgement.wouldDrop?.name, leavesBy: leavesBy)
  }

  func table(wide: Bool) -> Table {
    let steps = trace.steps.flatMap { step in
      PacketTraceText.details(of: step, in: trace).enumerated().map { line, text in
        line == 0 ? [step.stage.rawValue, step.result.shown, text] : ["", "", text]
      }
    }
    var rows = [["packet", PacketTraceText.packet(trace.judgement, description, length: length)]]
    if let origin = trace.origin.flatMap(PacketTraceText.origin) {
      rows.append([trace.origin?.className == nil ? "country" : "class", origin])
    }
    rows.append([
      "verdict",
      "\(trace.reason.verdict.rawValue), \(trace.reason.name): \(trace.reason.meaning(direction))",
    ])
    if let reason = trace.judgement.wouldDrop {
      rows.append(["monitored", "\(reason.name) would drop it: \(reason.meaning(direction))"])
    }
    if let leavesBy { rows.append(["route", "leaves by \(leavesBy)"]) }
    return Table(joining: [
      (nil, Table(["stage", "result", ""], rows: steps)), (nil, Table(["", ""], rows: rows)),
    ])
  }
}

extension PacketTrace.Result {
  fileprivate var shown: String { self == .empty ? "-" : rawValue }
}

extension WhyReport.OriginObject {
  /// nil if nothing is known.
  init?(_ origin: PacketTrace.Origin) {
    if origin.className == nil, origin.country == nil { return nil }
    self.class = origin.className?.text
    prefix = origin.prefix.map { "\($0)" }
    country = origin.country.map { "\($0)" }
    file = origin.file?.name
    dated = origin.file.map { $0.day }
  }
}

extension GeoTable.Source {
  /// The day of its data: `2026-06-25`.
  var day: String { String("\(WallTime(milliseconds: dated * 1000))".prefix(10)) }
}

extension WhyReport.StepObject {
  init(_ step: PacketTrace.Step) {
    stage = step.stage.rawValue
    result = step.result.rawValue
    entry = step.entry.map { entry in
      WhyReport.EntryObject(
        name: entry.name, note: entry.note?.text,
        remainingMilliseconds: entry.remaining.map { Int64($0 / .milliseconds(1)) },
        monitor: entry.isMonitored, list: entry.list?.text)
    }
    rule = step.rule.map { matched in
      WhyReport.MatchedRuleObject(
        name: matched.rule?.name.text, match: matched.rule?.matchText, then: matched.action,
        note: matched.rule?.note?.text,
        remainingMilliseconds: matched.remaining.map { Int64($0 / .milliseconds(1)) },
        monitor: matched.isMonitored)
    }
    buckets = step.rate?.buckets.map(WhyReport.BucketObject.init)
    remainingMilliseconds = step.remaining.map { Int64($0 / .milliseconds(1)) }
    let holders = step.holders.map {
      WhyReport.HoldingObject(
        list: $0.list.text, source: "\($0.prefix)", enforced: $0.isEnforced)
    }
    lists = holders.isEmpty ? nil : holders
  }
}

extension WhyReport.BucketObject {
  init(_ bucket: RateJudgement.Bucket) {
    rate = "\(bucket.rate)"
    unit = bucket.rate.unit == .packets ? "packets" : "bytes"
    burst = bucket.size
    total = bucket.isTotal
    rule = WhyReport.RuleObject(rule: bucket.rule.name, by: bucket.rule.place.rawValue)
    passedOver = bucket.passedOver.map {
      WhyReport.RuleObject(rule: $0.name, by: $0.place.rawValue)
    }
    left = bucket.left
    conforms = !bucket.isOver
    retryMilliseconds = bucket.retryAfter.map { $0 / .milliseconds(1) }
    shared = bucket.isShared
  }
}
