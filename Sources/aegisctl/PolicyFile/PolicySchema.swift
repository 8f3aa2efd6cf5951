/// The JSON Schema of the documents that `apply` reads.
struct PolicySchema: Encodable {
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SchemaKey.self)
    try container.encode("https://json-schema.org/draft/2020-12/schema", forKey: "$schema")
    try container.encode("Aegis", forKey: "title")
    try container.encode(
      [
        SchemaDocument(
          title: "Policy", sample: PolicyFields.sample, fields: PolicyFields.document,
          summary: PolicyFields.summary),
        SchemaDocument(
          title: HostFields.kind, sample: HostFields.sample, fields: HostFields.document,
          summary: HostFields.summary),
      ], forKey: "oneOf")
  }
}

private struct SchemaDocument: Encodable {
  let title: String
  let sample: String
  let fields: [PolicyField]
  let summary: String

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SchemaKey.self)
    try container.encode(title, forKey: "title")
    // For the manual, because it keeps comments and order.
    try container.encode(sample, forKey: "x-sample")
    try SchemaObject(fields: fields, summary: summary).encode(into: &container)
  }
}

/// Keywords of JSON Schema, and names of properties.
struct SchemaKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
  init(stringLiteral value: String) { stringValue = value }
}

private struct SchemaObject: Encodable {
  let fields: [PolicyField]
  var summary: String?

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SchemaKey.self)
    try encode(into: &container)
  }

  func encode(into container: inout KeyedEncodingContainer<SchemaKey>) throws {
    try container.encode("object", forKey: "type")
    try container.encodeIfPresent(summary, forKey: "description")
    try container.encode(false, forKey: "additionalProperties")
    let required = fields.filter(\.isRequired).map(\.name)
    if !required.isEmpty { try container.encode(required, forKey: "required") }
    // JSON objects have no order, but the manual needs one.
    try container.encode(fields.map(\.name), forKey: "x-order")
    var properties = container.nestedContainer(keyedBy: SchemaKey.self, forKey: "properties")
    for field in fields {
      try properties.encode(SchemaField(field: field), forKey: SchemaKey(stringValue: field.name))
    }
  }
}

private struct SchemaField: Encodable {
  let field: PolicyField

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: SchemaKey.self)
    if case .object(let fields) = field.shape {
      return try SchemaObject(fields: fields, summary: field.summary).encode(into: &container)
    }
    try container.encode(field.summary, forKey: "description")
    switch field.shape {
    case .constant(let text): try container.encode(text, forKey: "const")
    case .choice(let words):
      try container.encode("string", forKey: "type")
      try container.encode(words, forKey: "enum")
    case .text(let format):
      try container.encode("string", forKey: "type")
      try container.encodeIfPresent(format, forKey: "format")
    case .number(let range):
      try container.encode("integer", forKey: "type")
      try container.encode(range.lowerBound, forKey: "minimum")
      try container.encode(range.upperBound, forKey: "maximum")
    case .quantity(let range, let pattern):
      var choices = container.nestedUnkeyedContainer(forKey: "anyOf")
      try choices.encode(SchemaNumber(minimum: range.lowerBound, maximum: range.upperBound))
      try choices.encode(["type": "string", "pattern": pattern])
    case .texts:
      try container.encode("array", forKey: "type")
      var item = container.nestedContainer(keyedBy: SchemaKey.self, forKey: "items")
      try item.encode("string", forKey: "type")
      try item.encode(field.examples, forKey: "examples")
      return
    case .textOrTexts:
      var choices = container.nestedUnkeyedContainer(forKey: "anyOf")
      try choices.encode(["type": "string"])
      try choices.encode(SchemaTexts())
    case .scalars:
      var choices = container.nestedUnkeyedContainer(forKey: "anyOf")
      try choices.encode(["type": Self.scalar])
      try choices.encode(SchemaScalars(items: ["type": Self.scalar]))
    case .flag: try container.encode("boolean", forKey: "type")
    case .list(let fields, let shorthand):
      try container.encode("array", forKey: "type")
      try container.encode(SchemaItem(fields: fields, shorthand: shorthand), forKey: "items")
    case .object: break
    }
    try encodeExamples(into: &container)
  }

  private static let scalar = ["string", "integer"]

  private func encodeExamples(
    into container: inout KeyedEncodingContainer<SchemaKey>
  ) throws {
    if field.examples.isEmpty { return }
    if case .number = field.shape {
      try container.encode(field.examples.compactMap { Int($0) }, forKey: "examples")
    } else {
      try container.encode(field.examples, forKey: "examples")
    }
  }
}

private struct SchemaTexts: Encodable {
  let type = "array"
  let items = ["type": "string"]
}

private struct SchemaScalars: Encodable {
  let type = "array"
  let minItems = 1
  let items: [String: [String]]
}

private struct SchemaNumber: Encodable {
  let type = "integer"
  let minimum: Int
  let maximum: Int
}

private struct SchemaItem: Encodable {
  let fields: [PolicyField]
  let shorthand: String?

  func encode(to encoder: any Encoder) throws {
    let object = SchemaObject(fields: fields)
    guard let shorthand else { return try object.encode(to: encoder) }
    var container = encoder.container(keyedBy: SchemaKey.self)
    var choices = container.nestedUnkeyedContainer(forKey: "anyOf")
    try choices.encode(["type": "string", "description": "Its \(shorthand) alone."])
    try choices.encode(object)
  }
}
