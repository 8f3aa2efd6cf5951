import Aegis

/// A rate and its burst, as options give them.
enum RateArgument {
  /// - Parameter option: That of the rate; nil for an argument.
  static func parse(_ text: String, of option: String? = nil, burst: String?) throws -> Rate {
    do {
      _ = try Rate(text)
    } catch {
      throw AegisError(error, of: option)
    }
    do {
      return try Rate(text, writtenBurst: burst)
    } catch {
      throw AegisError(error, of: "--burst")
    }
  }
}
