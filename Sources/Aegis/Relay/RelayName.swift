internal import CAegis

/// The name of a user of the relay.
public struct RelayName: Hashable, Sendable, Comparable {
  public let text: String

  /// Bytes.
  static let longest = MemoryLayout.size(ofValue: aegis_relay_name().text) - 1

  /// Reads a name of letters, digits, `-`, `_`, `.` and `@`, that does not begin with a dash.
  public init(_ text: some StringProtocol) throws(InputError) {
    guard !text.isEmpty, text.utf8.allSatisfy(Self.isAllowed) else {
      throw InputError(
        text, "is not the name of a user", hint: "use letters, digits, -, _, . and @, as in alice")
    }
    guard text.utf8.count <= Self.longest else {
      throw InputError(text, "is longer than \(Self.longest) bytes")
    }
    if text.utf8.first == UInt8(ascii: "-") {
      throw InputError(text, "begins with a dash, like an option")
    }
    self.text = String(text)
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."), UInt8(ascii: "@"):
      true
    default: false
    }
  }

  init(_ key: aegis_relay_name) { text = CText.read(key.text) }

  var key: aegis_relay_name {
    var key = aegis_relay_name()
    CText.write(text, to: &key.text)
    return key
  }

  /// What a token has of it.
  public var hash: UInt32 {
    UInt32(truncatingIfNeeded: SipHash.hash64(Array(text.utf8), key: .init(low: 0, high: 0)))
  }

  public static func < (left: RelayName, right: RelayName) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }
}

extension RelayName: CustomStringConvertible {
  public var description: String { text }
}
