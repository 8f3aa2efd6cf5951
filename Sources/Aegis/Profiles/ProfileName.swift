internal import CAegis

/// The name of a profile.
public struct ProfileName: Hashable, Sendable, Comparable {
  public let text: String

  /// The profile that always exists.
  public static let main = ProfileName(unchecked: "main")

  /// Bytes.
  static let longest = MemoryLayout.size(ofValue: aegis_profile().name) - 1

  private init(unchecked text: String) { self.text = text }

  /// Reads a name of letters, digits, `-`, `_` and `.`, that begins with a letter or digit.
  public init(_ text: some StringProtocol) throws(InputError) {
    try WordName.check(text, longest: Self.longest, example: "strict")
    self.text = String(text)
  }

  /// The name in a map; nil if there is none.
  init?(_ row: aegis_profile) {
    let text = CText.read(row.name)
    if text.isEmpty { return nil }
    self.init(unchecked: text)
  }

  public static func < (left: ProfileName, right: ProfileName) -> Bool { left.text < right.text }
}

extension ProfileName: CustomStringConvertible {
  public var description: String { text }
}
