import Aegis

struct RateObject: Encodable {
  let rate: String
  let amount: UInt64
  let unit: String
  let periodSeconds: UInt32
  let burst: UInt32
  let algorithm: String
  let monitor: Bool
  /// `source` or `total`.
  let per: String
  let port: String?
  let from: String?
  let `class`: String?

  init(_ rule: RateRule) {
    rate = rule.rate.description
    amount = rule.rate.amount
    unit = rule.rate.unit.rawValue
    periodSeconds = rule.rate.period.seconds
    burst = rule.rate.effectiveBurst
    algorithm = rule.rate.algorithm.rawValue
    monitor = rule.rate.isMonitored
    per = rule.isTotal ? "total" : "source"
    port = rule.selector.port?.description
    from = rule.selector.prefix?.description
    self.class = rule.selector.className?.text
  }
}

/// Rates in readable form.
enum RateText {
  static func rule(_ rule: RateRule) -> String {
    "rate \(rule.rate) \(how(rule.rate))" + suffix(rule.selector, rule.isTotal)
  }

  static func off(_ rule: RateRule) -> String {
    "rate off" + suffix(rule.selector, rule.isTotal) + " (was \(rule.rate))"
  }

  static func off(_ selector: RateSelector, isTotal: Bool) -> String {
    "rate off" + suffix(selector, isTotal)
  }

  /// The burst, which a fixed window does not have, and the algorithm if it is not the default.
  static func how(_ rate: Rate) -> String {
    let how =
      switch rate.algorithm {
      case .tokenBucket: "burst \(rate.effectiveBurst)"
      case .fixedWindow: "fixed-window"
      case .perCPU: "burst \(rate.effectiveBurst) per-cpu"
      }
    return how + (rate.isMonitored ? " monitored" : "")
  }

  static func scope(_ rule: RateRule, _ direction: Direction = .in) -> String {
    let peer = direction == .out ? "destination" : "source"
    return (rule.isTotal ? "in all" : "each \(peer)")
      + (rule.selector == .rest ? "" : ", \(rule.selector)")
  }

  private static func suffix(_ selector: RateSelector, _ isTotal: Bool) -> String {
    (selector == .rest ? "" : " \(selector)") + (isTotal ? " total" : "")
  }
}
