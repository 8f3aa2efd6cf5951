extension String {
  /// The text with control characters replaced by `\u001b` and the like, so that it cannot control a terminal.
  ///
  /// - Parameter keepingLines: leaves line feeds and tabs unchanged.
  func printable(keepingLines: Bool = false) -> String {
    func isKept(_ code: UInt32) -> Bool { keepingLines && (code == 0x0a || code == 0x09) }
    if utf8.allSatisfy({ 0x20..<0x7f ~= $0 || isKept(UInt32($0)) }) { return self }
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      if scalar.isUnprintable && !isKept(scalar.value) {
        let hex = String(scalar.value, radix: 16)
        result += "\\u\(String(repeating: "0", count: 4 - hex.count))\(hex)".unicodeScalars
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  /// The number of terminal columns that the text takes.
  var displayWidth: Int {
    if utf8.allSatisfy({ $0 < 0x80 }) { return utf8.count }
    return unicodeScalars.reduce(0) { $0 + $1.displayWidth }
  }
}
