/// A list of objects.
struct Document<Item: Encodable>: Encodable {
  let apiVersion = APIVersion.current
  let kind: String
  let items: [Item]
}
