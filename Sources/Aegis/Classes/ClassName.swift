internal import CAegis

/// The name of a class of addresses.
public struct ClassName: Hashable, Sendable, Comparable {
  public let text: String

  /// The class of addresses that no class names.
  public static let foreign = ClassName(unchecked: "foreign")

  /// A name that is kept for a class of its own kind.
  private static let reserved = "known"

  /// Bytes.
  static let longest = MemoryLayout.size(ofValue: aegis_class().name) - 1

  private init(unchecked text: String) { self.text = text }

  /// Reads a name of letters, digits, `-`, `_` and `.`, that begins with a letter or digit.
  public init(_ text: some StringProtocol) throws(InputError) {
    try WordName.check(text, longest: Self.longest, example: "domestic")
    if text == Self.reserved { throw InputError(text, "is a reserved name") }
    self.text = String(text)
  }

  /// Reads the name of a class that is defined.
  public init(definedAs text: some StringProtocol) throws(InputError) {
    try self.init(text)
    if self == .foreign {
      throw InputError(text, "is the class of all addresses that no class names")
    }
  }

  /// The name in a map; nil if there is none.
  init?(_ row: aegis_class) {
    let text = CText.read(row.name)
    if text.isEmpty { return nil }
    self.init(unchecked: text)
  }

  var row: aegis_class {
    var row = aegis_class()
    CText.write(text, to: &row.name)
    return row
  }

  public static func < (left: ClassName, right: ClassName) -> Bool { left.text < right.text }
}

extension ClassName: CustomStringConvertible {
  public var description: String { text }
}
