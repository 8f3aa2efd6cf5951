extension Unicode.Scalar {
  /// Whether a terminal may interpret the character instead of showing it, or YAML cannot contain it. All such
  /// characters have at most four hexadecimal digits.
  var isUnprintable: Bool {
    switch properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: properties.isBidiControl || value == 0xfeff || value == 0xfffe || value == 0xffff
    }
  }

  /// Like `wcwidth`, which in a static program knows no locale but "C".
  var displayWidth: Int {
    switch value {
    case 0x20..<0x7f, 0xad: return 1
    case 0x1160...0x11ff: return 0
    case 0x1f1e6...0x1f1ff: return 1
    default: break
    }
    return switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: 0
    default: isWide ? 2 : 1
    }
  }

  private var isWide: Bool {
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
      0xf900...0xfaff, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6, 0x17000...0x18cff,
      0x1b000...0x1b2ff, 0x1f200...0x1f265, 0x20000...0x3fffd:
      true
    default: properties.isEmojiPresentation
    }
  }
}
