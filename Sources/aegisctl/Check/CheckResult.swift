import Aegis

/// The output of a monitoring plugin: its exit status and one line.
struct CheckResult: Equatable {
  /// The raw value is the exit status that monitoring systems expect.
  enum State: Int32, Comparable {
    case ok, warning, critical, unknown

    static func < (left: State, right: State) -> Bool { left.rawValue < right.rawValue }

    var name: String {
      switch self {
      case .ok: "OK"
      case .warning: "WARNING"
      case .critical: "CRITICAL"
      case .unknown: "UNKNOWN"
      }
    }
  }

  let state: State
  /// The status and, after the bar, performance data.
  let line: String

  init(unknown error: AegisError) {
    state = .unknown
    // A bar would start the performance data.
    let message = error.message.split(separator: "|", omittingEmptySubsequences: false)
    line = "AEGIS UNKNOWN - \(message.joined(separator: "/"))\n"
  }

  init(_ reading: Reading, critical: [Condition], warning: [Condition]) {
    let all = critical.map { ($0, State.critical) } + warning.map { ($0, State.warning) }
    let judged = all.map { condition, state in
      let value = condition.value(of: reading)
      return (condition, value, condition.holds(for: value) ? state : .ok)
    }
    let state = judged.map(\.2).max() ?? .ok
    // The conditions that determine the state; if all is well, each of them once.
    var said: [String] = []
    for (condition, value, found) in judged where found == state {
      let reason =
        state == .ok ? "" : " (\(condition.comparison.rawValue) \(condition.thresholdText))"
      let text = "\(condition.name) \(Self.text(value))\(condition.unit)\(reason)"
      if !said.contains(text) { said.append(text) }
    }
    self.state = state
    line =
      "AEGIS \(state.name) - \(said.joined(separator: ", "))"
      + " | \(Self.performance(reading, critical, warning))\n"
  }

  /// `label=value[unit];warning;critical;minimum`, once for each quantity.
  private static func performance(
    _ reading: Reading, _ critical: [Condition], _ warning: [Condition]
  ) -> String {
    var items: [String] = []
    var labels: Set<String> = []
    for condition in critical + warning where labels.insert(condition.label).inserted {
      let isSame = { (other: Condition) in other.label == condition.label }
      let ranges = [warning, critical].map { $0.first(where: isSame)?.range ?? "" }
      let value = text(condition.value(of: reading))
      items.append(
        "'\(condition.label)'=\(value)\(condition.performanceUnit);\(ranges[0]);\(ranges[1]);0")
    }
    return items.joined(separator: " ")
  }

  /// With at most two decimals.
  fileprivate static func text(_ value: Double) -> String {
    let hundredths = UInt64(min(max(0, value), 1e16) * 100 + 0.5)
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    if rest == 0 { return "\(whole)" }
    return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}

extension Condition {
  fileprivate var unit: String {
    switch quantity {
    case .count: ""
    case .rate: "/s"
    case .share: "%"
    }
  }

  /// A rate has no unit, because the plugin format has none for it.
  fileprivate var performanceUnit: String {
    switch quantity {
    case .count: "c"
    case .rate: ""
    case .share: "%"
    }
  }

  /// Distinct labels, so that no graph mixes a rate with a count.
  fileprivate var label: String {
    switch quantity {
    case .count: name
    case .rate: name + "_per_second"
    case .share: name == "drop.share" ? name : name + "_share"
    }
  }

  /// The range outside of which the alarm is raised.
  fileprivate var range: String {
    let number = CheckResult.text(threshold)
    return switch comparison {
    case .above, .atLeast: number
    case .below, .atMost: number + ":"
    }
  }
}
