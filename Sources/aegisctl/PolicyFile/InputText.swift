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
    let word = Array(name.lowercased())
    guard word.count <= 40 else { return nil }
    let near = known.map { ($0, Nearest.distance(Array($0.lowercased()), word)) }
    return near.filter { $0.1 <= most }.min { $0.1 < $1.1 }?.0
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: Character) -> String {
    last == suffix ? String(dropLast()) : self
  }
}
