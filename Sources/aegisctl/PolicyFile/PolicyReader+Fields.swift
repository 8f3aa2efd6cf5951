import Aegis

extension PolicyReader {
  typealias Fields = [String: YAMLNode]

  /// The fields of a mapping; nil if it is none. Unknown, duplicate and missing fields are reported.
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
        report("is given twice, first in line \(first.line)", member.line, path.field(member.name))
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
    // The option of the verbs; a file must mean the same tomorrow.
    let isTime = member.name == "ttl" && names.contains("expires")
    let hint =
      isTime
      ? "a file has a time, not a duration: expires: 2026-12-01T08:00:00Z"
      : InputText.nearest(member.name, among: names).map { "did you mean \($0)?" }
        ?? "the fields are \(names.joined(separator: ", "))"
    report("\(InputText.quoted(member.name)) is not a field", member.line, path, hint: hint)
  }

  /// A string, however it is quoted: `note: 2024` is meant as a string.
  mutating func text(
    _ node: YAMLNode, _ field: PolicyField, at path: FieldPath
  ) -> String? {
    guard case .scalar(let text, _) = node.content, !node.isNull else {
      report(node.noun, node, path.field(field.name), expected: field.expected)
      return nil
    }
    return text
  }

  /// One of the words that the field accepts.
  mutating func word(_ node: YAMLNode, _ field: PolicyField, at path: FieldPath) -> String? {
    guard let text = text(node, field, at: path) else { return nil }
    let words =
      switch field.shape {
      case .choice(let words): words
      case .constant(let word): [word]
      default: [String]()
      }
    if words.contains(text) { return text }
    let nearest = InputText.nearest(text, among: words).map { "did you mean \($0)?" }
    let isDump = field.name == "kind" && text == "Dump"
    report(
      "\(InputText.quoted(text)) is not known", node, path.field(field.name),
      expected: field.expected, hint: isDump ? "use what dump -o yaml prints" : nearest)
    return nil
  }

  mutating func number(
    _ name: String, _ fields: Fields, _ known: [PolicyField], at path: FieldPath
  ) -> Int? {
    guard let node = fields[name], let field = known.first(where: { $0.name == name }),
      case .number(let range) = field.shape
    else { return nil }
    do throws(InputError) {
      if let number = try node.number(), range.contains(number) { return number }
      report(
        node.noun(or: "is not such a number"), node, path.field(name), expected: field.expected)
    } catch {
      report(error.clause, node, path.field(name), expected: field.expected, hint: error.hint)
    }
    return nil
  }

  /// A number, or a string with a number and its unit as on the command line.
  mutating func quantity(
    _ name: String, _ fields: Fields, _ known: [PolicyField], at path: FieldPath
  ) -> String? {
    guard let node = fields[name], let field = known.first(where: { $0.name == name }) else {
      return nil
    }
    do throws(InputError) {
      if let number = try node.number() { return "\(number)" }
    } catch {
      report(error.clause, node, path.field(name), expected: field.expected, hint: error.hint)
      return nil
    }
    return text(node, field, at: path)
  }

  /// False if the field is absent.
  mutating func flag(_ name: String, _ fields: Fields, at path: FieldPath) -> Bool {
    guard let node = fields[name] else { return false }
    if let flag = node.flag { return flag }
    report(node.noun(or: "is neither"), node, path.field(name), expected: "true or false")
    return false
  }

  /// Parses the string of a field; nil if it is absent or wrong.
  mutating func value<Value>(
    _ name: String, _ fields: Fields, _ known: [PolicyField], at path: FieldPath,
    _ parse: (String, inout [InputNote]) throws(InputError) -> Value
  ) -> Value? {
    guard let node = fields[name], let field = known.first(where: { $0.name == name }),
      let text = text(node, field, at: path)
    else { return nil }
    return parsed(text, node, path.field(name), expected: field.expected, parse)
  }

  /// Parses the strings of a list, or the only one; empty if it is absent.
  mutating func values<Value>(
    _ name: String, _ fields: Fields, _ known: [PolicyField], at path: FieldPath,
    _ parse: (String, inout [InputNote]) throws(InputError) -> Value
  ) -> [Value] {
    guard let node = fields[name], let field = known.first(where: { $0.name == name }) else {
      return []
    }
    if !field.mustBeList, case .scalar(let text, _) = node.content, !node.isNull {
      return parsed(text, node, path.field(name), expected: field.expected, parse).map { [$0] }
        ?? []
    }
    guard case .sequence(let nodes) = node.content else {
      report(
        node.noun, node, path.field(name), expected: field.expected,
        hint: node.isNull && field.mustBeList ? "write [] for an empty one" : nil)
      return []
    }
    let paths = path.field(name).items()
    var values: [Value] = []
    for (number, node) in nodes.enumerated() {
      guard case .scalar(let text, _) = node.content, !node.isNull else {
        report(node.noun, node, paths(number), expected: field.expected)
        continue
      }
      let value = parsed(text, node, paths(number), expected: field.expected, parse)
      if let value { values.append(value) }
    }
    return values
  }

  mutating func parsed<Value>(
    _ text: String, _ node: YAMLNode, _ path: @autoclosure () -> FieldPath, expected: String,
    _ parse: (String, inout [InputNote]) throws(InputError) -> Value
  ) -> Value? {
    do {
      var notes: [InputNote] = []
      let value = try parse(text, &notes)
      for one in notes { note("\(one)", node, path()) }
      return value
    } catch {
      report(error.clause, node, path(), expected: expected, hint: error.hint)
      return nil
    }
  }
}
