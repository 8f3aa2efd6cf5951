/// The strings that need no quotes in YAML, for readers of YAML 1.1 and of 1.2.
enum PlainScalar {
  /// Whether the string is read back unchanged; false if in doubt.
  static func isSafe(_ text: String) -> Bool {
    let scalars = text.unicodeScalars
    guard let first = scalars.first, let last = scalars.last,
      first.properties.isAlphabetic || isDigit(first) || first == "/" || first == "_",
      last != " ", last != ":"
    else { return false }
    var previous = first
    for scalar in scalars {
      if scalar.isUnprintable || scalar.properties.isWhitespace && scalar != " " { return false }
      if previous == ":" && scalar == " " || previous == " " && scalar == "#" { return false }
      previous = scalar
    }
    return !words.contains(text.lowercased()) && !(isDigit(first) && mayBeNumber(scalars))
  }

  /// A JSON number, in a form that YAML 1.1 reads as a number: with a dot before the exponent and a sign after it.
  static func number(_ json: String) -> String {
    guard let e = json.firstIndex(where: { $0 == "e" || $0 == "E" }) else {
      return json
    }
    let (mantissa, exponent) = (json[..<e], json[json.index(after: e)...])
    guard let digit = mantissa.last, digit.isNumber else { return json }
    let sign = exponent.first.map { $0 == "-" || $0 == "+" } == true ? "" : "+"
    return "\(mantissa)\(mantissa.contains(".") ? "" : ".0")e\(sign)\(exponent)"
  }

  private static let words: Set = [
    "null", "true", "false", "yes", "no", "on", "off", "y", "n",
  ]

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    "0"..."9" ~= scalar
  }

  /// Whether it looks like an integer in any notation, a base-60 number, a float, or a time stamp.
  private static func mayBeNumber(_ scalars: String.UnicodeScalarView) -> Bool {
    if scalars.allSatisfy({ isDigit($0) || $0 == "." }) {
      // More than one dot means an IPv4 address.
      return scalars.count { $0 == "." } < 2
    }
    if scalars.first == "0", let second = scalars.dropFirst().first,
      "xXoObB".unicodeScalars.contains(second)
    {
      return true
    }
    return scalars.allSatisfy { isDigit($0) || "., _:+-eEtTzZ".unicodeScalars.contains($0) }
  }
}
