internal import CAegis

/// The name of a list of drop entries.
public struct ListName: Hashable, Sendable, Comparable {
  public let text: String

  /// The list of entries that an operator makes; it always exists.
  public static let manual = ListName(unchecked: "manual")

  /// Bytes.
  static let longest = MemoryLayout.size(ofValue: aegis_list().name) - 1

  private init(unchecked text: String) { self.text = text }

  /// Reads a name of letters, digits, `-`, `_` and `.`, that begins with a letter or digit.
  public init(_ text: some StringProtocol) throws(InputError) {
    try WordName.check(text, longest: Self.longest, example: "fail2ban-sshd")
    self.text = String(text)
  }

  /// Reads the name of a list that can be defined.
  public init(definedAs text: some StringProtocol) throws(InputError) {
    try self.init(text)
    if self == .manual {
      throw InputError(text, "is the list of drop-ip, which has no properties of its own")
    }
  }

  /// The name in a map; nil if there is none.
  init?(_ row: aegis_list) {
    let text = CText.read(row.name)
    if text.isEmpty { return nil }
    self.init(unchecked: text)
  }

  public static func < (left: ListName, right: ListName) -> Bool { left.text < right.text }
}

extension ListName: CustomStringConvertible {
  public var description: String { text }
}

extension AegisError {
  /// The error for a list that is not defined.
  static func noList(_ name: ListName) -> AegisError {
    AegisError(
      .badInput, "there is no list \(name)",
      hint: "aegisctl dump lists shows all of them, and set-list \(name) makes it")
  }
}
