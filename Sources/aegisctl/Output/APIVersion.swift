/// The version of the objects that JSON and YAML show; they only ever grow.
enum APIVersion {
  static let current = "aegis/v1"
}
