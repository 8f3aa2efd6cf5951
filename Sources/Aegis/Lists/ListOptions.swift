/// How a list is to be read.
public struct ListOptions: Sendable {
  /// nil tells formats apart by what is in them.
  public var format: ListFormat?
  /// Those to read of a file that has several; empty is the only one there is.
  public var sets: [String] = []
  /// Whether host bits are cleared instead of refused.
  public var clearsHostBits = false
  /// nil is the usual ones.
  public var bounds: ListBounds?
  /// Whether the entries are to go: then neither how wide they are nor when they end matters.
  public var isRemoval = false

  public init() {}

  /// An argument, whose host bits are cleared too if those of lists are.
  public func masked(_ text: String) -> Substring {
    clearsHostBits ? HostBits.cleared(text[...]) : text[...]
  }

  var boundsInForce: ListBounds { isRemoval ? .none : bounds ?? .standard }
}

/// The shortest prefixes that a list may hold. One line that names half of all addresses is a mistake of whoever
/// wrote the list, or worse.
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

  /// Nobody's, and wider than the usual bounds: those of RFC 6890, and multicast, which no packet comes from.
  private static let reserved = [
    Prefix(masking: .v4(0xf000_0000), length: 4), Prefix(masking: .v4(0xe000_0000), length: 4),
    Prefix(masking: .v6(0xfc << 120), length: 7), Prefix(masking: .v6(0xfe80 << 112), length: 10),
    Prefix(masking: .v6(0xff << 120), length: 8),
  ]
}
