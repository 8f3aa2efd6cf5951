import Aegis

/// The directions that an interface is attached in, for a person.
enum DirectionText {
  /// The mode for what comes in, and whether what leaves is judged.
  static func modes(_ mode: String, _ directions: String) -> String {
    switch Directions(rawValue: directions) {
    case .out: "out"
    case .both: "\(mode), and out"
    default: mode
    }
  }
}
