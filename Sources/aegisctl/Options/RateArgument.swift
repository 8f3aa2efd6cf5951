import Aegis

/// A rate and its burst, as given in options.
enum RateArgument {
  /// - Parameter option: The option of the rate; nil for an argument.
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
