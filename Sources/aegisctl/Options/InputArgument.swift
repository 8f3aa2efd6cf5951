import Aegis

enum InputArgument {
  /// Reads a value, says what it is read as if it says something else, and refuses what it cannot read.
  ///
  /// - Parameter option: What messages call it; an argument has no name, and a transformation need not know.
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
