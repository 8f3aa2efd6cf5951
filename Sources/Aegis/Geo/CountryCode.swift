internal import CAegis

/// A country by its two letters of ISO 3166, or a region that databases treat like one: `EU`, `AP`, `XK`.
public struct CountryCode: RawRepresentable, Hashable, Sendable, Comparable {
  /// 0 is unknown; two letters are 1 + (first * 26 + second), each counted from A as 0.
  public let rawValue: UInt16

  public static let unknown = CountryCode(0)
  /// The number of raw values.
  public static let count = Int(1 + 26 * 26)

  /// The bits of a code in a table that are the country.
  static let mask = UInt16(AEGIS_GEO_CODE_MASK)

  private init(_ rawValue: UInt16) { self.rawValue = rawValue }

  public init?(rawValue: UInt16) {
    guard rawValue < Self.count - 1 else { return nil }
    self.rawValue = rawValue
  }

  /// Reads two letters of either case, or a word for unknown: `??`, `ZZ` or `-`.
  public init(_ text: some StringProtocol) throws(InputError) {
    let code = Array(text.utf8).withUnsafeBufferPointer { Self(ascii: GeoField($0)) }
    guard let code else {
      throw InputError(text, "is not a country: two letters were expected, such as DE")
    }
    self = code
  }

  /// Reads two letters of either case that name a country.
  public init(named text: some StringProtocol) throws(InputError) {
    let others = ["UK": "GB", "EL": "GR"]
    if let code = others[text.uppercased()] {
      throw InputError(text, "is not a code of ISO 3166", hint: "write \(code)")
    }
    if text.isEmpty { throw InputError(text, "is empty, not a country of two letters") }
    try self.init(text)
    if self == .unknown {
      throw InputError(
        text, "is not a country", hint: "addresses without a country are foreign")
    }
  }

  /// Also empty, and the codes of MaxMind's old databases for no country.
  init?(ascii field: GeoField) {
    if field.count == 0 || field.count == 1, field.isEqual("-") || field.count == 0 {
      self = .unknown
      return
    }
    guard field.count == 2 else { return nil }
    func letter(_ byte: UInt8) -> UInt16? {
      let value = (byte & 0xdf) &- UInt8(ascii: "A")
      return byte >= UInt8(ascii: "A") && value < 26 ? UInt16(value) : nil
    }
    guard let first = letter(field[0]), let second = letter(field[1]) else {
      let words: [StaticString] = ["??", "A1", "A2", "A3", "O1", "T1"]
      guard words.contains(where: field.isEqual) else { return nil }
      self = .unknown
      return
    }
    let raw = 1 + first * 26 + second
    // ZZ is the last code.
    self.init(raw == UInt16(Self.count - 1) ? 0 : raw)
  }

  public static func < (left: CountryCode, right: CountryCode) -> Bool {
    left.rawValue < right.rawValue
  }
}

extension CountryCode: CustomStringConvertible {
  /// Two letters, or `??`.
  public var description: String {
    guard self != .unknown else { return "??" }
    let letters = [(rawValue - 1) / 26, (rawValue - 1) % 26]
    return String(decoding: letters.map { UInt8($0) + UInt8(ascii: "A") }, as: UTF8.self)
  }
}
