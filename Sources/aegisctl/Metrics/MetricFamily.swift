/// Samples of one name, in the text format that Prometheus scrapes.
struct MetricFamily {
  enum Kind: String {
    case counter, gauge, histogram
  }

  struct Sample {
    /// What follows the family's name: of a histogram, `_bucket`, `_sum` or `_count`.
    var suffix = ""
    /// In the order they are written.
    let labels: [(name: String, value: String)]
    let value: Double
  }

  let name: String
  let kind: Kind
  let help: String
  var samples: [Sample] = []

  mutating func add(_ value: some BinaryInteger, _ labels: KeyValuePairs<String, String> = [:]) {
    add(Double(value), labels)
  }

  mutating func add(_ value: Double, _ labels: KeyValuePairs<String, String> = [:]) {
    samples.append(Sample(labels: labels.map { ($0.key, $0.value) }, value: value))
  }

  /// Nothing at all without samples.
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

  /// Whole numbers without a fraction, as far as they are exact.
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
