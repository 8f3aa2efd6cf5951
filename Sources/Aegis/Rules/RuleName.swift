/// The name of a rule.
public struct RuleName: Hashable, Sendable, Comparable {
  public let text: String

  /// Bytes.
  static let longest = 39

  /// Reads a name of letters, digits, `-`, `_` and `.`, that begins with a letter or digit.
  public init(_ text: some StringProtocol) throws(InputError) {
    try WordName.check(text, longest: Self.longest, example: "dns-amplification")
    self.text = String(text)
  }

  /// The name of a rule for as long as another one with its name comes into force.
  init?(before name: RuleName) {
    let suffix = ".old"
    guard name.text.utf8.count + suffix.utf8.count <= Self.longest else { return nil }
    text = name.text + suffix
  }

  public static func < (left: RuleName, right: RuleName) -> Bool { left.text < right.text }
}

extension RuleName: CustomStringConvertible {
  public var description: String { text }
}
