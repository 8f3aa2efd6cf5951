/// The reason for an entry, in the operator's words. Notes are equal if their bytes are.
public struct Note: Sendable {
  /// In UTF-8: the 64 bytes of `aegis_note` without its terminating zero.
  public static let maximumBytes = 63

  public let text: String

  /// - Throws: `InputError` for blank text, more than 63 bytes of UTF-8 and control characters.
  public init(_ text: some StringProtocol) throws(InputError) {
    guard text.unicodeScalars.contains(where: { !$0.properties.isWhitespace }) else {
      throw InputError(text, "is blank, not a note")
    }
    guard text.utf8.count <= Self.maximumBytes else {
      throw InputError(text, "is \(text.utf8.count) bytes long; a note has at most 63")
    }
    guard !text.unicodeScalars.contains(where: Self.isControl) else {
      throw InputError(text, "has a control character or a line break")
    }
    self.text = String(text)
  }

  init(unchecked text: String) {
    self.text = text
  }

  /// As much of an arbitrary text as fits, in one line; nil if nothing is left.
  init?(clipping text: String) {
    var clipped = ""
    for scalar in text.unicodeScalars {
      let next: Unicode.Scalar = Self.isControl(scalar) ? " " : scalar
      guard clipped.utf8.count + UTF8.width(next) <= Self.maximumBytes else { break }
      clipped.unicodeScalars.append(next)
    }
    guard let note = try? Note(clipped) else { return nil }
    self = note
  }

  /// FNV-1a of the UTF-8 bytes, 32 bits wide; 1 in place of 0, which means no note.
  public var id: UInt32 {
    let hash = text.utf8.reduce(2_166_136_261 as UInt32) { ($0 ^ UInt32($1)) &* 16_777_619 }
    return hash == 0 ? 1 : hash
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

/// Compares bytes, like `id`: String treats text that only looks the same as equal.
extension Note: Hashable {
  public static func == (left: Note, right: Note) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

extension Note: CustomStringConvertible {
  public var description: String { text }
}
