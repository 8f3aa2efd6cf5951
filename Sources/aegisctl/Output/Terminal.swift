import Glibc

enum Terminal {
  /// The corresponding C function is `isatty`.
  static func isTerminal(_ descriptor: CInt) -> Bool {
    isatty(descriptor) == 1
  }

  /// Whether standard output is a terminal on which a picture can be redrawn.
  static var canRedraw: Bool {
    let kind = getenv("TERM").map { String(cString: $0) } ?? ""
    return isTerminal(STDOUT_FILENO) && !["", "dumb"].contains(kind)
  }

  /// True on a terminal, unless `NO_COLOR` is set to something.
  static var isColourful: Bool {
    isTerminal(STDOUT_FILENO) && (getenv("NO_COLOR").map { $0.pointee == 0 } ?? true)
  }

  /// The size of the terminal at standard output.
  ///
  /// The corresponding C function is `ioctl` with `TIOCGWINSZ`.
  static var size: (columns: Int, rows: Int) {
    var size = winsize()
    let isKnown = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0
    return isKnown && size.ws_col > 0 && size.ws_row > 0
      ? (Int(size.ws_col), Int(size.ws_row)) : (80, 24)
  }
}
