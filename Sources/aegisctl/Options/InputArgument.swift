import Aegis

enum InputArgument {
  /// Parses a value, gives a notice if it is read as something other than written, and refuses an invalid one.
  ///
  /// - Parameter option: Its name in messages; nil for an argument, and for a transformation, which does not know the
  ///   name.
  static func read<Value>(
    of option: String? = nil, _ parse: (inout [InputNote]) throws(InputError) -> Value
  ) throws(AegisError) -> Value {
    var notes: [InputNote] = []
    do throws(InputError) {
      let value = try parse(&notes)
      Notice.give(notes.map(\.description))
      return value
    } catch {
      throw AegisError(error, of: option)
    }
  }
}

/// The value of `--class`, which may be foreign.
enum ClassArgument {
  static func read(_ text: String?) throws(AegisError) -> ClassName? {
    guard let text else { return nil }
    return try InputArgument.read(of: "--class") { _ throws(InputError) in try ClassName(text) }
  }
}
