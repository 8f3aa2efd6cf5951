/// A value of a YAML document and where it stands.
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

  /// Whether nothing is written there, or null.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// What an operator calls it where something else was expected.
  func noun(or problem: String) -> String {
    guard case .scalar(let text, let isPlain) = content, !isNull else { return noun }
    return isPlain ? "\(InputText.quoted(text)) \(problem)" : "is a quoted string"
  }

  /// As it is written, nil of what has parts.
  var text: String? {
    if case .scalar(let text, _) = content { return text }
    return nil
  }

  /// The value of a member of a mapping; the first, if there are several.
  func member(_ name: String) -> YAMLNode? {
    guard case .mapping(let members) = content else { return nil }
    return members.first { $0.name == name }?.value
  }

  /// What an operator calls it.
  var noun: String {
    switch content {
    case .scalar(let text, _): isNull ? "has no value" : InputText.quoted(text)
    case .sequence: "is a list"
    case .mapping: "is a mapping"
    }
  }
}

/// Why a text is not read, and where.
struct YAMLSyntaxError: Error {
  /// From 1.
  let line: Int
  let problem: String
  var hint: String?
}
