import Aegis

/// Where a part of a policy is declared.
struct PolicySpot: Encodable {
  /// nil if that is not known.
  let file: String?
  let line: Int?
  /// The path of the field: `spec.keys[2]`.
  let field: String
  let name: String
}

extension PolicyReader {
  func spot(of part: LintPlace) -> PolicySpot {
    let (place, field) = find(part)
    return PolicySpot(
      file: place.map { files[Int($0.file)] }, line: place.map { Int($0.line) }, field: field,
      name: part.name)
  }

  private func find(_ part: LintPlace) -> (Place?, String) {
    switch part {
    case .rule(let direction, _, let name):
      return item(side(direction).rules[name], "\(Self.path(direction)).rules")
    case .key(let direction, let key):
      return item(side(direction).keys[key.key], "\(Self.path(direction)).keys")
    case .drop(let direction, let prefix):
      return item(side(direction).drops[prefix], "\(Self.path(direction)).drops")
    case .rate(let direction, _, let rate):
      return item(side(direction).rates[rate.slot]?.place, "\(Self.path(direction)).rates")
    case .addressClass(let name): return item(declared.classes[name], "spec.classes")
    case .list(let name): return item(declared.lists[name]?.place, "spec.lists")
    case .entry(let name, let prefix):
      let list = find(.list(name))
      guard let place = declared.lists[name]?.list.places[prefix] else { return list }
      return item(place, "\(list.1).entries")
    case .defaultAction(let direction):
      return (side(direction).settings["default"], "\(Self.path(direction)).default")
    }
  }

  /// Whether it is an entry in the file of a list, which has no line in the policy.
  func isInFile(_ part: LintPlace) -> Bool {
    guard case .entry(let name, let prefix) = part else { return false }
    return declared.lists[name]?.list.places[prefix] == nil
  }

  private func side(_ direction: Direction) -> Declared { direction == .in ? declared : other }

  private static func path(_ direction: Direction) -> String {
    direction == .in ? "spec" : "spec.out"
  }

  private func item(_ place: Place?, _ list: String) -> (Place?, String) {
    (place, place.map { "\(list)[\($0.item)]" } ?? list)
  }
}
