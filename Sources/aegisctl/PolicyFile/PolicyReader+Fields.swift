import Aegis

extension PolicyReader {
  typealias Fields = [String: YAMLNode]

  /// The fields of a mapping; nil if it is none. What it must not have, has twice or lacks is reported.
  mutating func object(
    _ node: YAMLNode, _ known: [PolicyField], at path: FieldPath, shorthand: Bool = false
  ) -> Fields? {
    guard case .mapping(let members) = node.content else {
      let names = known.map(\.name).joined(separator: ", ")
      let text = shorthand ? "a text, or " : ""
      report(node.noun, node, path, expected: "\(text)a mapping with some of \(names)")
      return nil
    }
    var fields: Fields = [:]
    for member in members {
      guard known.contains(where: { $0.name == member.name }) else {
        reportUnknown(member, known, at: path)
        continue
      }
      if let first = fields[member.name] {
        report("is there twice, first in line \(first.line)", member.line, path.field(member.name))
        continue
      }
      fields[member.name] = member.value
    }
    for field in known where field.isRequired && fields[field.name] == nil {
      report("has no \(field.name)", node, path, expected: field.expected)
      return nil
    }
    return fields
  }

  private mutating func reportUnknown(
    _ member: YAMLNode.Member, _ known: [PolicyField], at path: FieldPath
  ) {
    let names = known.map(\.name)
    let nearest = InputText.nearest(member.name, among: names)
    report(
      "\(InputText.quoted(member.name)) is not a field", member.line, path,
      hint: nearest.map { "did you mean \($0)?" }
        ?? "there are \(names.joined(separator: ", "))")
  }

  /// A text, however it is quoted: `note: 2024` is meant as one.
  mutating func text(
    _ node: YAMLNode, _ field: PolicyField, at path: FieldPath
  ) -> String? {
    guard case .scalar(let text, _) = node.content, !node.isNull else {
      report(node.noun, node, path.field(field.name), expected: field.expected)
      return nil
    }
    return text
  }

  /// One of the words that the field takes.
  mutating func word(_ node: YAMLNode, _ field: PolicyField, at path: FieldPath) -> String? {
    guard let text = text(node, field, at: path) else { return nil }
    let words =
      switch field.shape {
      case .choice(let words): words
      case .constant(let word): [word]
      default: [String]()
      }
    if words.contains(text) { return text }
    let nearest = InputText.nearest(text, among: words)
    report(
      "\(InputText.quoted(text)) is not known", node, path.field(field.name),
      expected: field.expected, hint: nearest.map { "did you mean \($0)?" })
    return nil
  }

  mutating func number(
    _ name: String, _ fields: Fields, _ known: [PolicyField], at path: FieldPath
  ) -> Int? {
    guard let node = fields[name], let field = known.first(where: { $0.name == name }),
      case .number(let range) = field.shape
    else { return nil }
    if case .scalar(let text, isPlain: true) = node.content, !text.hasPrefix("+"),
      let number = Int(text), range.contains(number)
    {
      return number
    }
    let problem =
      if case .scalar(let text, _) = node.content, !node.isNull {
        "\(InputText.quoted(text)) is not such a number"
      } else {
        node.noun
      }
    report(problem, node, path.field(name), expected: field.expected)
    return nil
  }

  /// False unless it is there.
  mutating func flag(_ name: String, _ fields: Fields, at path: FieldPath) -> Bool {
    guard let node = fields[name] else { return false }
    if case .scalar(let text, isPlain: true) = node.content, ["true", "false"].contains(text) {
      return text == "true"
    }
    let problem =
      if case .scalar(let text, _) = node.content, !node.isNull {
        "\(InputText.quoted(text)) is neither"
      } else {
        node.noun
      }
    report(problem, node, path.field(name), expected: "true or false")
    return false
  }

  /// What a text of a field reads as; nil if it is absent or wrong.
  mutating func value<Value>(
    _ name: String, _ fields: Fields, _ known: [PolicyField], at path: FieldPath,
    _ parse: (String) throws(InputError) -> Value
  ) -> Value? {
    guard let node = fields[name], let field = known.first(where: { $0.name == name }),
      let text = text(node, field, at: path)
    else { return nil }
    return parsed(text, node, path.field(name), expected: field.expected, parse)
  }

  mutating func parsed<Value>(
    _ text: String, _ node: YAMLNode, _ path: @autoclosure () -> FieldPath, expected: String,
    _ parse: (String) throws(InputError) -> Value
  ) -> Value? {
    do {
      return try parse(text)
    } catch {
      report(error.clause, node, path(), expected: expected, hint: error.hint)
      return nil
    }
  }
}
