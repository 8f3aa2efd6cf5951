import Aegis

/// The path of a packet in words.
enum PacketTraceText {
  static func packet(_ judgement: Judgement, _ description: String?, length: Int) -> String {
    let read =
      judgement.source.map { source in
        let target =
          (judgement.port.map { "\($0)/" } ?? "") + (judgement.protocol.map { "\($0)" } ?? "")
        return "\(source) to \(target)"
      } ?? "not parsed as IP"
    return "\(description ?? read), \(length) bytes"
  }

  /// `domestic, by prefix 192.0.2.0/24; country DE by /usr/share/tor/geoip of 2026-06-25`, without a class only the
  /// country; nil if nothing is known.
  static func origin(_ origin: PacketTrace.Origin) -> String? {
    let country = origin.country.map { country in
      "\(country)" + (origin.file.map { " by \($0.name) of \($0.day)" } ?? "")
    }
    guard let name = origin.className else { return country }
    let decider = origin.prefix.map { ", by prefix \($0)" } ?? ""
    return "\(name)\(decider)" + (country.map { "; country \($0)" } ?? "")
  }

  /// At least one line.
  static func details(of step: PacketTrace.Step, in trace: PacketTrace) -> [String] {
    switch step.stage {
    case .parse: [parsed(step, trace)]
    case .deadline: [deadline(step)]
    case .protectedKeys, .keys:
      [step.entry.map(entry) ?? (step.result == .empty ? "empty" : noKey(trace))]
    case .drops: drops(step)
    case .neighbours: ["neighbour discovery always passes"]
    case .relay:
      [
        step.result == .passes
          ? "to be forwarded, if its token is valid: not checked" : "not for it"
      ]
    case .rules: step.rule.map(rule) ?? ["no match"]
    case .defaultAction:
      [step.result == .drops || isReply(trace) ? "deny: no key matches" : byDefault(trace)]
    case .reply: ["it belongs to a connection that its receiver opened"]
    case .rate: step.rate.map(rate) ?? []
    case .hook: [hook(trace)]
    case .mode: ["monitor: packets that would be dropped pass"]
    case .wire: [step.result == .leaves ? "by the other port" : trace.reason.meaning]
    }
  }

  private static func hook(_ trace: PacketTrace) -> String {
    let reasons = [trace.reason, trace.judgement.wouldDrop].compactMap(\.self)
    return reasons.contains { $0.name.hasSuffix(".hook-missing") }
      ? "its program is not there" : "its program decides: not asked"
  }

  private static func isReply(_ trace: PacketTrace) -> Bool {
    trace.steps.contains { $0.stage == .reply }
  }

  private static func noKey(_ trace: PacketTrace) -> String {
    trace.deniesByDefault && trace.judgement.isFragment
      ? "no key without a port matches; a fragment has no port" : "no match"
  }

  private static func byDefault(_ trace: PacketTrace) -> String {
    // Without a key, nothing else gets this far; a rate may still drop it.
    if trace.deniesByDefault { return "deny, but path MTU discovery always passes" }
    return trace.reason.name == "pass.fragment" ? "allow, including later fragments" : "allow"
  }

  private static func parsed(_ step: PacketTrace.Step, _ trace: PacketTrace) -> String {
    guard step.result == .goesOn else { return (trace.judgement.wouldDrop ?? trace.reason).meaning }
    guard let source = trace.judgement.source, let `protocol` = trace.judgement.protocol else {
      return "not IP"
    }
    let family = source.width == 32 ? "IPv4" : "IPv6"
    return "\(family), \(`protocol`)" + (trace.judgement.port.map { " to port \($0)" } ?? "")
  }

  private static func deadline(_ step: PacketTrace.Step) -> String {
    guard let left = step.remaining, left > .zero else {
      return "the policy was not confirmed in time: everything passes"
    }
    return "the policy must be confirmed within \(DurationText.format(left))"
  }

  private static func entry(_ entry: MatchedEntry) -> String {
    let more = [
      entry.remaining.map { "\(DurationText.format($0)) left" },
      entry.note.map { "note: \($0.text)" }, entry.isMonitored ? "monitored only" : nil,
    ].compactMap(\.self)
    let list = entry.list.map { $0 == .manual ? "" : " of list \($0)" } ?? ""
    return entry.name + list + (more.isEmpty ? "" : " (\(more.joined(separator: ", ")))")
  }

  /// `amplification: drop (note: NTP)`, and which packets it is for.
  private static func rule(_ matched: MatchedRule) -> [String] {
    guard let rule = matched.rule else { return ["(gone): \(matched.action)"] }
    let more = [
      matched.remaining.map { "\(DurationText.format($0)) left" },
      rule.note.map { "note: \($0.text)" }, matched.isMonitored ? "monitored only" : nil,
    ].compactMap(\.self)
    let end = more.isEmpty ? "" : " (\(more.joined(separator: ", ")))"
    return ["\(rule.name): \(rule.actionText)\(end)", "  matches \(rule.matchText)"]
  }

  /// The entry that decides, and what else lists have that contains the address.
  private static func drops(_ step: PacketTrace.Step) -> [String] {
    let first =
      step.entry.map(entry)
      ?? (step.result == .empty
        ? "empty"
        : step.holders.isEmpty ? "none contains the source" : "none that drops contains the source")
    return [first]
      + step.holders.map {
        "  also \($0.prefix) of list \($0.list)" + ($0.isEnforced ? "" : " (does not drop)")
      }
  }

  private static func rate(_ judgement: RateJudgement) -> [String] {
    if judgement.buckets.isEmpty { return ["no rate applies"] }
    return judgement.buckets.flatMap { bucket in
      [limit(bucket), state(bucket)] + (bucket.passedOver.isEmpty ? [] : [passedOver(bucket)])
    }
  }

  private static func limit(_ bucket: RateJudgement.Bucket) -> String {
    let whom = bucket.isTotal ? "all sources together" : "each source"
    let monitored = bucket.rate.isMonitored ? ", monitored only" : ""
    return "\(bucket.rate) for \(whom), of \(bucket.rule.name)\(monitored)"
  }

  private static func state(_ bucket: RateJudgement.Bucket) -> String {
    let unit = bucket.rate.unit == .packets ? "packets" : "bytes"
    let wait = bucket.retryAfter.map { ", conforms again in \(time($0))" } ?? ""
    return "  \(bucket.left) of \(bucket.size) \(unit) left" + wait
      + (bucket.isShared ? ", in a shared bucket" : "")
  }

  /// Why the rule of this bucket is the one that decides.
  private static func passedOver(_ bucket: RateJudgement.Bucket) -> String {
    let others = bucket.passedOver.map { "\($0.name) (\($0.place.rawValue))" }
    return "  by \(bucket.rule.place.rawValue), which is more specific than "
      + others.joined(separator: ", ")
  }

  /// Supports durations below a second.
  private static func time(_ duration: Duration) -> String {
    duration < .seconds(1)
      ? FractionText.decimals(duration / .milliseconds(1), 3) + " ms"
      : DurationText.format(duration)
  }
}
