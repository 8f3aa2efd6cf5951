/// The part of the output of `apply --schema` that the manual uses.
final class Schema: Decodable {
  let title: String?
  let description: String?
  let constant: String?
  let choices: [String]?
  let examples: [Example]?
  let required: [String]?
  let order: [String]?
  let sample: String?
  private let properties: [String: Schema]?
  private let items: Schema?
  private let anyOf: [Schema]?
  private let oneOf: [Schema]?

  private enum CodingKeys: String, CodingKey {
    case title, description, examples, required, properties, items, anyOf, oneOf
    case constant = "const"
    case choices = "enum"
    case order = "x-order"
    case sample = "x-sample"
  }

  /// The kinds of documents.
  var documents: [Schema] { oneOf ?? [] }

  /// Its fields in order.
  var fields: [(name: String, schema: Schema)] {
    (order ?? []).compactMap { name in properties?[name].map { (name, $0) } }
  }

  /// The schema of its items, as an object, if this is a list.
  var item: Schema? { items.map { $0.anyOf?.last ?? $0 } }
}

/// A number or a string.
struct Example: Decodable {
  let text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Int.self) {
      text = "\(number)"
    } else {
      text = try container.decode(String.self)
    }
  }
}
