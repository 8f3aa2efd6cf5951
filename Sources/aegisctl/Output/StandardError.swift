import Glibc

/// Messages.
enum StandardError {
  /// Writes the whole text, made printable but for its lines and tabs. That it cannot be written is
  /// nothing that could be told anybody.
  static func write(_ text: String) {
    _ = DescriptorWriter.write(text.printable(keepingLines: true), to: STDERR_FILENO)
  }
}
