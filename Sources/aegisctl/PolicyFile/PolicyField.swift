/// A field of a policy document: what the reader takes, the schema says and the manual explains.
struct PolicyField: Sendable {
  indirect enum Shape: Sendable {
    /// Always this.
    case constant(String)
    case choice([String])
    /// `format` is one of JSON Schema's.
    case text(format: String? = nil)
    case number(ClosedRange<Int>)
    /// A number, or a text of one and its unit.
    case quantity(ClosedRange<Int>, pattern: String)
    case flag
    case object([PolicyField])
    /// Of objects; a text alone stands for one with only the field of this name.
    case list([PolicyField], shorthand: String? = nil)
  }

  let name: String
  let shape: Shape
  let isRequired: Bool
  /// In whole sentences.
  let summary: String
  /// For messages: "expected …".
  let expected: String
  let examples: [String]

  init(
    _ name: String, _ shape: Shape, required: Bool = false, _ summary: String, expected: String,
    examples: [String] = []
  ) {
    self.name = name
    self.shape = shape
    isRequired = required
    self.summary = summary
    self.expected = expected
    self.examples = examples
  }
}
