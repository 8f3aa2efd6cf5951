/// A single object, its own keys beside `apiVersion` and `kind`.
struct FlatDocument<Item: Encodable>: Encodable {
  let kind: String
  let item: Item

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(APIVersion.current, forKey: .apiVersion)
    try container.encode(kind, forKey: .kind)
    try item.encode(to: encoder)
  }

  private enum CodingKeys: CodingKey {
    case apiVersion, kind
  }
}
