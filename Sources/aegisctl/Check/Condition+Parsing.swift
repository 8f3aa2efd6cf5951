import Aegis

extension Condition {
  private static let hint = "write it as 'drop.rate > 10k/s', 'drop.share >= 5%' or 'drop > 1M'"
  /// No packet count exceeds this, and smaller numbers are exact in a Double.
  private static let most = 1e15

  /// Reads a name, `>`, `>=`, `<` or `<=`, and a number: with k, M or G, with /s, /m or /h for a rate, or with %.
  init(_ text: String) throws(InputError) {
    let bare = text.filter { $0 != " " }
    guard let start = bare.firstIndex(where: { $0 == ">" || $0 == "<" }),
      let comparison = Comparison.allCases.first(where: { bare[start...].hasPrefix($0.rawValue) })
    else { throw InputError(input: text, problem: "has no comparison", hint: Self.hint) }
    let name = String(bare[..<start])
    let number = bare[start...].dropFirst(comparison.rawValue.count)
    guard let metric = Self.metrics[name == "drop.share" ? "drop" : name] else {
      throw InputError(
        input: text,
        problem: "does not begin with the name of a counter",
        hint:
          "names are drop, pass, drop.share, limiter.shared and the reasons of: aegisctl stats -o wide"
      )
    }
    guard let (threshold, quantity) = Self.threshold(number) else {
      throw InputError(
        input: text, problem: "does not end with a number, a rate or a percentage", hint: Self.hint)
    }
    guard name != "drop.share" || quantity == .share else {
      throw InputError(
        input: text, problem: "compares a share with a number", hint: "drop.share > 5%")
    }
    self.init(
      name: name, metric: metric, comparison: comparison, threshold: threshold,
      quantity: quantity, thresholdText: String(number))
  }

  private static var metrics: [String: Metric] {
    var metrics: [String: Metric] = [
      "drop": .verdict(.drop), "pass": .verdict(.pass), "limiter.shared": .limiterShared,
      "limiter.contended": .limiterContended,
      "wire.lost": .wireLost,
    ]
    for reason in Reason.allCases { metrics[reason.name] = .reason(reason) }
    return metrics
  }

  private static func threshold(_ text: Substring) -> (Double, Quantity)? {
    if text.last == "%" {
      return number(text.dropLast()).flatMap { $0 <= 100 ? ($0, .share) : nil }
    }
    let periods: [(suffix: String, seconds: Double)] = [("/s", 1), ("/m", 60), ("/h", 3600)]
    let period = periods.first { text.hasSuffix($0.suffix) }
    var digits = period == nil ? text : text.dropLast(2)
    let scales: [Character: Double] = ["k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9]
    let scale = digits.last.flatMap { scales[$0] }
    if scale != nil { digits = digits.dropLast() }
    return number(digits).map { $0 * (scale ?? 1) }.flatMap {
      $0 <= most ? ($0 / (period?.seconds ?? 1), period == nil ? .count : .rate) : nil
    }
  }

  /// Decimal digits with an optional point: not everything that `Double` accepts.
  private static func number(_ text: Substring) -> Double? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber =
      parts.count <= 2 && parts.allSatisfy { $0.utf8.count <= 15 && isDecimal($0) }
    return isNumber ? Double(text) : nil
  }

  private static func isDecimal(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { 0x30...0x39 ~= $0 }
  }
}
