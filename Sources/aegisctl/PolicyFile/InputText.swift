import Aegis

/// What was read, for messages.
enum InputText {
  /// In quotes, cut short; what could steer a terminal is escaped.
  static func quoted(_ text: String) -> String {
    InputError(input: text, problem: "").clause.trimmingSuffix(" ")
  }

  /// The known name that is nearest to a wrong one, if any is near.
  static func nearest(_ name: String, among known: [String]) -> String? {
    let most = max(1, min(2, name.count / 2))
    let near = known.map { (name: $0, distance: distance(Array(name), Array($0))) }
    return near.filter { $0.distance <= most }.min { $0.distance < $1.distance }?.name
  }

  /// How many letters have to be put, taken away or changed; in which case they are does not count.
  private static func distance(_ one: [Character], _ other: [Character]) -> Int {
    if one.count > 40 { return one.count }
    var row = Array(0...other.count)
    for (index, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (column, wanted) in other.enumerated() {
        let isSame = letter.lowercased() == wanted.lowercased()
        let changed = diagonal + (isSame ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(changed, diagonal + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: Character) -> String {
    last == suffix ? String(dropLast()) : self
  }
}
