import Glibc

enum Terminal {
  /// The corresponding C function is `isatty`.
  static func isTerminal(_ descriptor: CInt) -> Bool {
    isatty(descriptor) == 1
  }
}
