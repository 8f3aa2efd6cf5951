/// A field of a policy document, as the reader accepts, the schema describes and the manual explains it.
struct PolicyField: Sendable {
  indirect enum Shape: Sendable {
    /// Always this value.
    case constant(String)
    case choice([String])
    /// `format` is a format of JSON Schema.
    case text(format: String? = nil)
    case number(ClosedRange<Int>)
    /// A number, or a string with a number and its unit.
    case quantity(ClosedRange<Int>, pattern: String)
    case flag
    /// A list of strings.
    case texts
    /// A string, or a list of them.
    case textOrTexts
    /// A string or a number, or a list of them.
    case scalars
    case object([PolicyField])
    /// A list of objects; a plain string stands for an object with only this field.
    case list([PolicyField], shorthand: String? = nil)
  }

  let name: String
  let shape: Shape
  let isRequired: Bool
  /// Complete sentences.
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

  /// Whether one value must be written as a list too.
  var mustBeList: Bool {
    switch shape {
    case .textOrTexts, .scalars: false
    default: true
    }
  }
}
