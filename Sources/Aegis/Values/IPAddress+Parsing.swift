import Glibc

extension IPAddress {
  /// Reads an address as `inet_pton` does; an IPv4-mapped one becomes IPv4.
  ///
  /// - Throws: `InputError` for anything else, including leading zeros, blanks and scope ids.
  public init(_ text: some StringProtocol) throws(InputError) {
    self = try Self.literal(Substring(String(text))).unmapped
  }

  /// Reads an address; an IPv4-mapped address stays IPv6.
  static func literal(_ text: Substring) throws(InputError) -> IPAddress {
    if let bits = dottedQuad(text.utf8) { return .v4(bits) }
    if let bits = ipv6(text.utf8) { return .v6(bits) }
    throw problem(with: text)
  }

  private static func dottedQuad(_ utf8: Substring.UTF8View) -> UInt32? {
    var bits: UInt32 = 0
    var octet: UInt32 = 0
    var digits = 0
    var dots = 0
    for byte in utf8 {
      if let digit = byte.asDigit {
        guard digits == 0 || octet != 0 else { return nil }
        octet = octet * 10 + UInt32(digit)
        digits += 1
        guard octet <= 255 else { return nil }
      } else {
        guard byte == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
        bits = bits << 8 | octet
        (octet, digits, dots) = (0, 0, dots + 1)
      }
    }
    return dots == 3 && digits > 0 ? bits << 8 | octet : nil
  }

  private static let longestIPv6 = 45

  /// The corresponding C function is `inet_pton`. It would stop at a NUL, so none gets there.
  private static func ipv6(_ utf8: Substring.UTF8View) -> UInt128? {
    guard utf8.count <= longestIPv6, !utf8.contains(0) else { return nil }
    var bits: UInt128 = 0
    let read = inet_pton(AF_INET6, utf8.map(CChar.init(bitPattern:)) + [0], &bits)
    return read == 1 ? UInt128(bigEndian: bits) : nil
  }

  private static func problem(with text: Substring) -> InputError {
    guard !text.isEmpty else { return InputError(text, "is empty, not an address") }
    if text.utf8.contains(UInt8(ascii: "%")) {
      return InputError(
        text, "has a scope id",
        hint: "packets do not carry scope ids: leave out the % and what follows")
    }
    if text.utf8.first == UInt8(ascii: "[") {
      return InputError(text, "is in brackets", hint: "write the address alone, without [ and ]")
    }
    if text.utf8.contains(UInt8(ascii: ":")) {
      return InputError(text, "is not an IPv6 address")
    }
    guard text.utf8.allSatisfy({ $0.asDigit != nil || $0 == UInt8(ascii: ".") }) else {
      return InputError(text, "is not an IP address")
    }
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
    if numbers.count == 4, numbers.contains(where: { $0.utf8.count > 1 && $0.hasPrefix("0") }) {
      return InputError(
        text, "has an octet with a leading zero",
        hint: question(decimal(numbers), octal(numbers), suffix: " in octal"))
    }
    return InputError(
      text, "is not an IPv4 address: four numbers from 0 to 255 were expected",
      hint: numbers.count < 4 ? question(padded(numbers), filled(numbers)) : nil)
  }
}

/// How other programs read text that is refused here.
extension IPAddress {
  private static func question(
    _ one: UInt32?, _ other: UInt32?, suffix: String = ""
  ) -> String? {
    let readings = [one.map { "\(IPAddress.v4($0))" }, other.map { "\(IPAddress.v4($0))" }]
    if one == other || other == nil { return readings[0].map { "did you mean \($0)?" } }
    let texts = [readings[0], readings[1].map { $0 + suffix }].compactMap(\.self)
    return "did you mean \(texts.joined(separator: " or "))?"
  }

  private static func decimal(_ octets: [Substring]) -> UInt32? { join(octets.map { Int($0) }) }

  /// An octet that begins with a zero is octal to inet_aton(3) and ip(8).
  private static func octal(_ octets: [Substring]) -> UInt32? {
    join(octets.map { Int($0, radix: $0.hasPrefix("0") ? 8 : 10) })
  }

  /// As in ip(8): missing numbers at the end are zero.
  private static func padded(_ numbers: [Substring]) -> UInt32? {
    join(numbers.map { Int($0) } + Array(repeating: 0, count: 4 - numbers.count))
  }

  /// As in inet_aton(3): the last number fills the remaining octets.
  private static func filled(_ numbers: [Substring]) -> UInt32? {
    guard let last = numbers.last.flatMap({ UInt32($0) }),
      let first = join(
        numbers.dropLast().map { Int($0) } + Array(repeating: 0, count: 5 - numbers.count)),
      UInt64(last) < 1 << UInt64(8 * (5 - numbers.count))
    else { return nil }
    return first | last
  }

  private static func join(_ octets: [Int?]) -> UInt32? {
    octets.reduce(0 as UInt32?) { bits, octet in
      guard let bits, let octet, 0...255 ~= octet else { return nil }
      return bits << 8 | UInt32(octet)
    }
  }
}
