/// A number with as many decimals as are significant, or a word.
enum Cell: Encodable {
  case text(String)
  case number(Double, decimals: Int)
  /// With thousands separators: `12,345,678`.
  case count(UInt64)
  case none

  var isNumber: Bool {
    switch self {
    case .text, .none: false
    case .number, .count: true
    }
  }

  var text: String {
    switch self {
    case .text(let text): text
    case .number(let value, let decimals): Self.format(value, decimals)
    case .count(let value): Self.group(value)
    case .none: "-"
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let value, _): try container.encode(value)
    case .count(let value): try container.encode(value)
    case .none: try container.encodeNil()
    }
  }

  private static func format(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "-" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let digits = String(UInt64((value.magnitude * scale).rounded()))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 ? "-" : ""
    if decimals == 0 { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  private static func group(_ value: UInt64) -> String {
    var text = ""
    for (index, digit) in String(value).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return String(text.reversed())
  }
}

extension Cell: ExpressibleByStringLiteral {
  init(stringLiteral text: String) { self = .text(text) }
}
