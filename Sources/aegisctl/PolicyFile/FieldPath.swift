/// The position in a document: `spec.drops[3].expires`. The text is built only for messages.
struct FieldPath: CustomStringConvertible {
  private let base: String
  private var index: Int?
  private var field: String?

  static let root = FieldPath(base: "")

  private init(base: String) {
    self.base = base
  }

  func field(_ name: String) -> FieldPath {
    var path = field == nil ? self : FieldPath(base: description)
    path.field = name
    return path
  }

  func item(_ number: Int) -> FieldPath {
    var path = FieldPath(base: description)
    path.index = number
    return path
  }

  /// The place in a list of what it is for, from 0; nil if that is not in a list.
  var number: Int? { field == nil ? index : nil }

  /// The paths of the items of this list, without building its text again.
  func items() -> (Int) -> FieldPath {
    let list = FieldPath(base: description)
    return { number in
      var path = list
      path.index = number
      return path
    }
  }

  var description: String {
    let name = field.map { [$0] } ?? []
    let owner = base + (index.map { "[\($0)]" } ?? "")
    return ((owner.isEmpty ? [] : [owner]) + name).joined(separator: ".")
  }
}
