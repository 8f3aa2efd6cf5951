/// A value of a YAML document and its position.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    case scalar(String, isPlain: Bool)
    case sequence([YAMLNode])
    case mapping([Member])
  }

  struct Member: Sendable {
    let name: String
    let line: Int
    let value: YAMLNode
  }

  /// From 1.
  let line: Int
  let content: Content

  /// Whether the value is empty or null.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// What messages call the value where something else was expected.
  func noun(or problem: String) -> String {
    guard case .scalar(let text, let isPlain) = content, !isNull else { return noun }
    return isPlain ? "\(InputText.quoted(text)) \(problem)" : "is a quoted string"
  }

  /// The text as written; nil for a mapping or a list.
  var text: String? {
    if case .scalar(let text, _) = content { return text }
    return nil
  }

  /// The value of a member of a mapping; the first one if there are several.
  func member(_ name: String) -> YAMLNode? {
    guard case .mapping(let members) = content else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// What messages call the value.
  var noun: String {
    switch content {
    case .scalar(let text, _): isNull ? "has no value" : InputText.quoted(text)
    case .sequence: "is a list"
    case .mapping: "is a mapping"
    }
  }
}

/// A syntax error and its position.
struct YAMLSyntaxError: Error {
  /// From 1.
  let line: Int
  let problem: String
  var hint: String?
}
