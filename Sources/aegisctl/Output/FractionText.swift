/// Numbers with a few decimals; Swift's own description has too many.
enum FractionText {
  /// Percentage with one decimal; `-` if `whole` is 0.
  static func percent(_ part: UInt64, of whole: UInt64) -> String {
    whole == 0 ? "-" : percent(Double(part) / Double(whole))
  }

  /// A share from 0 to 1 as a percentage with one decimal.
  static func percent(_ share: Double) -> String { decimals(share * 100, 1) + "%" }

  /// Rounded to `count` decimals.
  static func decimals(_ value: Double, _ count: Int) -> String {
    let scale = (0..<count).reduce(1 as Int64) { power, _ in power * 10 }
    let rounded = Int64((value.magnitude * Double(scale)).rounded())
    let fraction = String(rounded % scale)
    let zeros = String(repeating: "0", count: max(0, count - fraction.utf8.count))
    return (value < 0 && rounded > 0 ? "-" : "") + "\(rounded / scale)"
      + (count > 0 ? "." + zeros + fraction : "")
  }
}
