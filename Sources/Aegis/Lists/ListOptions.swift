/// How to read a list.
public struct ListOptions: Sendable {
  /// nil detects the format from the contents.
  public var format: ListFormat?
  /// The sets to read from a file with several; if empty, the file must have only one.
  public var sets: [String] = []
  /// Whether host bits are cleared instead of refused.
  public var clearsHostBits = false
  /// nil means the default bounds.
  public var bounds: ListBounds?
  /// Whether the entries are to be removed: then neither their width nor their expiry matters.
  public var isRemoval = false

  public init() {}

  /// An argument; its host bits are cleared if those of lists are.
  public func masked(_ text: String) -> Substring {
    clearsHostBits ? HostBits.cleared(text[...]) : text[...]
  }

  var boundsInForce: ListBounds { isRemoval ? .none : bounds ?? .standard }
}

/// The shortest prefixes that a list may hold. One line that names half of all addresses is a mistake of the list's
/// author, or worse.
public struct ListBounds: Hashable, Sendable {
  public let v4: Int
  public let v6: Int

  public static let standard = ListBounds(v4: 8, v6: 16)
  public static let none = ListBounds(v4: 0, v6: 0)

  init(v4: Int, v6: Int) {
    self.v4 = v4
    self.v6 = v6
  }

  /// Reads `8,16`.
  public init(_ text: some StringProtocol) throws(InputError) {
    let (v4, v6) = Substring(String(text)).split(at: ",")
    guard let v6, let short = UInt64(digits: v4), short <= 32, let long = UInt64(digits: v6),
      long <= 128
    else {
      throw InputError(
        text, "is not a pair of prefix lengths for IPv4 and IPv6", hint: "write it as 8,16")
    }
    self.init(v4: Int(short), v6: Int(long))
  }

  func allow(_ prefix: Prefix) -> Bool {
    prefix.length >= (prefix.address.width == 32 ? v4 : v6)
      || Self.reserved.contains { $0.contains(prefix) }
  }

  func check(_ prefix: Prefix) throws(InputError) {
    if allow(prefix) { return }
    let isV4 = prefix.address.width == 32
    throw InputError(
      "\(prefix)", "is too wide for a list: shorter than /\(isV4 ? v4 : v6)",
      hint: "--min-prefix \(isV4 ? prefix.length : v4),\(isV4 ? v6 : prefix.length) allows it")
  }

  /// Ranges that nobody owns and that are wider than the default bounds: those of RFC 6890, and multicast, which is
  /// never a source.
  private static let reserved = [
    Prefix(masking: .v4(0xf000_0000), length: 4), Prefix(masking: .v4(0xe000_0000), length: 4),
    Prefix(masking: .v6(0xfc << 120), length: 7), Prefix(masking: .v6(0xfe80 << 112), length: 10),
    Prefix(masking: .v6(0xff << 120), length: 8),
  ]
}
