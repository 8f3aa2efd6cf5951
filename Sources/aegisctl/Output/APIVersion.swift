/// The version of the objects in JSON and YAML output; these only ever gain fields.
enum APIVersion {
  static let current = "aegis/v1"
}
