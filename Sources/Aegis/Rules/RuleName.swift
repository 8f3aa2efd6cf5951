/// The name of a rule.
public struct RuleName: Hashable, Sendable, Comparable {
  public let text: String

  /// Bytes.
  static let longest = 39

  /// Of rules that stay behind others while these come into force.
  private static let leftSuffix = ".old"

  /// Reads a name of letters, digits, `-`, `_` and `.`, that begins with a letter or digit.
  public init(_ text: some StringProtocol) throws(InputError) {
    try WordName.check(text, longest: Self.longest, example: "dns-amplification")
    if text.hasSuffix(Self.leftSuffix) {
      throw InputError(
        text, "ends with \(Self.leftSuffix), which is reserved for rules that are being replaced")
    }
    self.text = String(text)
  }

  /// Reads a name in a set of rules.
  init?(stored text: Substring) {
    let name = text.hasSuffix(Self.leftSuffix) ? text.dropLast(Self.leftSuffix.count) : text
    guard (try? RuleName(name)) != nil else { return nil }
    self.text = String(text)
  }

  /// Of what is matched as rules are, and is none: a key, or ports of rates.
  static let ofPorts = RuleName(unchecked: "ports")

  private init(unchecked text: String) { self.text = text }

  /// Whether a call that was interrupted left it.
  var isLeft: Bool { text.hasSuffix(Self.leftSuffix) }

  /// The name of a rule for as long as another one with its name comes into force.
  init?(before name: RuleName) {
    let text = name.text + Self.leftSuffix
    guard text.utf8.count <= Self.longest else { return nil }
    self.text = text
  }

  public static func < (left: RuleName, right: RuleName) -> Bool { left.text < right.text }
}

extension RuleName: CustomStringConvertible {
  public var description: String { text }
}
