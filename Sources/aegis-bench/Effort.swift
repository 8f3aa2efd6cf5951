/// How long to measure.
struct Effort {
  let isQuick: Bool
  let rounds: Int

  init(isQuick: Bool, rounds: Int?) {
    self.isQuick = isQuick
    self.rounds = rounds ?? (isQuick ? 3 : 7)
  }

  func choose<Value>(quick: Value, full: Value) -> Value { isQuick ? quick : full }
}
