import Aegis

/// Input text for messages.
enum InputText {
  /// Quoted and shortened; characters that could control a terminal are escaped.
  static func quoted(_ text: String) -> String {
    InputError(input: text, problem: "").clause.trimmingSuffix(" ")
  }

  /// The known name closest to a wrong one, if any is close.
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
