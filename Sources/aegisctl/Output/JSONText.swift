import FoundationEssentials

/// JSON with its keys sorted, so that two outputs can be compared as text.
enum JSONText {
  static func pretty(_ value: some Encodable) throws -> String {
    try encode(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + "\n"
  }

  static func compact(_ value: some Encodable) throws -> String {
    try encode(value, [.sortedKeys, .withoutEscapingSlashes])
  }

  private static func encode(
    _ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    // Unprintable scalars occur in strings only, where the escape means the same.
    return String(decoding: try encoder.encode(value), as: UTF8.self).printable(keepingLines: true)
  }
}
