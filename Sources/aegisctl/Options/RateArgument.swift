import Aegis

/// A rate and its burst, as options give them.
enum RateArgument {
  /// - Parameter name: The option of the rate with a space behind it, or nothing for an argument.
  static func parse(_ text: String, _ name: String = "", burst: String?) throws -> Rate {
    do {
      _ = try Rate(text)
    } catch {
      throw AegisError(.badInput, "\(name)\(error)", hint: error.hint)
    }
    do {
      return try Rate(text, writtenBurst: burst)
    } catch {
      throw AegisError(.badInput, "--burst \(error)", hint: error.hint)
    }
  }
}
