import Aegis

/// The ranges of numbers that options accept.
enum Bounds {
  static func check<Value: FixedWidthInteger>(
    _ option: String, _ value: Value?, _ bounds: ClosedRange<Value>
  ) throws(AegisError) {
    guard let value, !bounds.contains(value) else { return }
    throw .outOfBounds(
      option, "must be \(bounds.lowerBound) to \(bounds.upperBound)", value: "\(value)")
  }

  static func check<Value: FixedWidthInteger>(
    _ option: String, _ value: Value?, _ bounds: PartialRangeFrom<Value>
  ) throws(AegisError) {
    guard let value, !bounds.contains(value) else { return }
    throw .outOfBounds(option, "must be at least \(bounds.lowerBound)", value: "\(value)")
  }
}

extension AegisError {
  /// - Parameter value: The value as given, if available.
  static func outOfBounds(
    _ option: String, _ problem: String, value: String? = nil
  ) -> AegisError {
    var error =
      value.map { AegisError(InputError(input: $0, problem: problem), of: option) }
      ?? AegisError(.badInput, "\(option): \(problem)").about(.init(field: option))
    error.code = .outOfBounds
    return error
  }
}
