import Glibc

/// Messages.
enum StandardError {
  /// Writes the whole text, made printable except for line feeds and tabs. If writing fails, there is nowhere to
  /// report it.
  static func write(_ text: String) {
    _ = DescriptorWriter.write(text.printable(keepingLines: true), to: STDERR_FILENO)
  }

  /// A warning, and the remedy if there is one.
  static func warn(_ text: String, hint: String? = nil) {
    write("warning: \(SuggestedCommand.text(text))\n")
    if let hint { self.hint(hint) }
  }

  static func hint(_ text: String) { write("hint: \(SuggestedCommand.text(text))\n") }
}
