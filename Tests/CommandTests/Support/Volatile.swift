import Foundation

/// What differs from run to run.
enum Volatile {
  private static let patterns: [(String, String)] = [
    (#"("?\b(?:memoryBytes|loadedAt|remainingMilliseconds|link|program)"? ?: )\d+"#, "$1" + "0"),
    (#"("(?:expires|expiredBefore)" : )"20[-0-9T:.]+Z""#, "$1\"0\""),
    (#"((?:expires|expiredBefore): )"20[-0-9T:.]+Z""#, "$1\"0\""),
    (#"(expires in|, was) \d+[dhms0-9]*"#, "$1 0s"),
    (#"\d+\.\d [KMG]iB"#, "0.0 MiB"),
    (#"(version"? ?: "?)[0-9][^"\n]*"#, "$1" + "0.0.0"),
    (#"by aegisctl \S+,"#, "by aegisctl 0.0.0,"),
    // The digits of the numbers of kernel objects move the columns.
    (#"(?m)^(INTERFACE) +(INDEX) +(MODE) +(LINK) +(PROGRAM) +"#, "$1 $2 $3 $4 $5 "),
    (#"(?m)^(\S+) +\d+ +(native|generic) +\d+ +\d+ +"#, "$1 0 $2 0 0 "),
  ]

  /// The text with 0 in place of such numbers, in every format, and `<root>` in place of the pin root.
  static func normalised(_ text: String, root: String) -> String {
    var text = text.replacingOccurrences(of: root, with: "<root>")
    for (pattern, replacement) in patterns {
      text = text.replacingOccurrences(of: pattern, with: replacement, options: .regularExpression)
    }
    // Its length moves what stands beside it.
    guard text.hasPrefix("<root> ") else { return text }
    return text.replacingOccurrences(of: "  +", with: "  ", options: .regularExpression)
  }
}
