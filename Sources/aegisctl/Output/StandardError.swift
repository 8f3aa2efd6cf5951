import Glibc

/// Messages.
enum StandardError {
  /// Writes the whole text, made printable except for line feeds and tabs. If writing fails, there is nowhere to
  /// report it.
  static func write(_ text: String) {
    _ = DescriptorWriter.write(text.printable(keepingLines: true), to: STDERR_FILENO)
  }
}
