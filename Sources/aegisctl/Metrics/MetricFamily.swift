/// Samples with one name, in the text format that Prometheus scrapes.
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  struct Sample {
    /// The suffix to the family's name: `_bucket`, `_sum` or `_count` for a histogram.
    var suffix = ""
    /// Labels in output order.
    let labels: [(name: String, value: String)]
    let value: Double
  }

  let name: String
  let kind: Kind
  let help: String
  var samples: [Sample] = []

  /// - Parameter more: Labels after the others.
  mutating func add(
    _ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:],
    _ more: [(name: String, value: String)] = []
  ) {
    samples.append(Sample(labels: labels.map { ($0.key, $0.value) } + more, value: Double(value)))
  }

  mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
    samples.append(Sample(labels: labels.map { ($0.key, $0.value) }, value: value))
  }

  /// Empty without samples.
  var text: String {
    if samples.isEmpty { return "" }
    let help = Self.escaped(help, quotes: false)
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n"
      + samples.map { sample in
        let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }
        let set = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
        return "\(name)\(sample.suffix)\(set) \(Self.number(sample.value))\n"
      }.joined()
  }

  /// Whole numbers have no fraction, as far as they are exact.
  private static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return value.magnitude < 9e15 && value == value.rounded() ? "\(Int64(value))" : "\(value)"
  }

  private static func escaped(_ text: String, quotes: Bool) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\".unicodeScalars
      case "\n": result += "\\n".unicodeScalars
      case "\"" where quotes: result += "\\\"".unicodeScalars
      default: result.append(scalar)
      }
    }
    return String(result)
  }
}
