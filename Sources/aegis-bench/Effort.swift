/// How long to measure.
struct Effort {
  let isQuick: Bool
  private let askedRounds: Int?

  init(isQuick: Bool, rounds: Int?) {
    self.isQuick = isQuick
    askedRounds = rounds
  }

  var rounds: Int { rounds(full: 7) }

  /// - Parameter full: How many, if neither asked for nor quick.
  func rounds(full: Int) -> Int { askedRounds ?? (isQuick ? 3 : full) }

  func choose<Value>(quick: Value, full: Value) -> Value { isQuick ? quick : full }
}
