/// Reads addresses directly from bytes, in a twentieth of the time of parsing text. It accepts only the plainest forms
/// and leaves all others, and error messages, to the text parser.
enum QuickScan {
  /// Reads decimal digits without a leading zero.
  static func number(
    _ bytes: borrowing Span<UInt8>, _ at: inout Int, upTo most: Int
  ) -> Int? {
    guard at < bytes.count, let first = bytes[at].asDigit else { return nil }
    var value = Int(first)
    at += 1
    while at < bytes.count, let digit = bytes[at].asDigit {
      guard value != 0 else { return nil }
      value = value * 10 + Int(digit)
      at += 1
      guard value <= most else { return nil }
    }
    return value <= most ? value : nil
  }

  static func skip(
    _ byte: Unicode.Scalar, _ bytes: borrowing Span<UInt8>, _ at: inout Int
  ) -> Bool {
    guard at < bytes.count, bytes[at] == UInt8(ascii: byte) else { return false }
    at += 1
    return true
  }

  /// Whether this is the end of a line, or of the input.
  static func end(_ bytes: borrowing Span<UInt8>, _ at: inout Int) -> Bool {
    _ = skip("\r", bytes, &at)
    return at == bytes.count || skip("\n", bytes, &at)
  }

  /// Reads a dotted quad.
  static func v4(_ bytes: borrowing Span<UInt8>, _ at: inout Int) -> UInt32? {
    var (bits, octet) = (0 as UInt32, 0 as UInt32)
    var (digits, dots) = (0, 0)
    var place = at
    while place < bytes.count {
      let byte = bytes[place]
      if let digit = byte.asDigit {
        if digits > 0, octet == 0 { return nil }
        octet = octet * 10 + UInt32(digit)
        if octet > 255 { return nil }
        digits += 1
      } else if byte == UInt8(ascii: "."), digits > 0, dots < 3 {
        bits = bits << 8 | octet
        (octet, digits) = (0, 0)
        dots += 1
      } else {
        break
      }
      place += 1
    }
    if dots < 3 || digits == 0 { return nil }
    at = place
    return bits << 8 | octet
  }

  /// Reads groups of hexadecimal digits; a dotted quad at the end is left to the text parser.
  static func v6(_ bytes: borrowing Span<UInt8>, _ at: inout Int) -> UInt128? {
    var bits: UInt128 = 0
    var count = 0
    var gap: Int?
    var isOwed = true
    if skip(":", bytes, &at) {
      guard skip(":", bytes, &at) else { return nil }
      (gap, isOwed) = (0, false)
    }
    while count < 8, let group = group(bytes, &at) {
      bits = bits << 16 | UInt128(group)
      count += 1
      isOwed = skip(":", bytes, &at)
      guard isOwed else { break }
      if skip(":", bytes, &at) {
        guard gap == nil else { return nil }
        (gap, isOwed) = (count, false)
      }
    }
    guard !isOwed else { return nil }
    guard let gap else { return count == 8 ? bits : nil }
    guard count < 8 else { return nil }
    let after = 16 * (count - gap)
    return (bits >> UInt128(after)) << UInt128(128 - 16 * gap) | bits & ~(.max << UInt128(after))
  }

  private static func group(_ bytes: borrowing Span<UInt8>, _ at: inout Int) -> UInt16? {
    var value: UInt16 = 0
    let start = at
    while at < bytes.count, at - start < 4, let digit = bytes[at].asHexDigit {
      value = value << 4 | UInt16(digit)
      at += 1
    }
    return at == start ? nil : value
  }
}

extension Prefix {
  static func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> Prefix? {
    var at = position
    let address: IPAddress
    if let bits = QuickScan.v4(bytes, &at) {
      address = .v4(bits)
    } else {
      at = position
      // A mapped address becomes IPv4, which the text parser handles.
      guard let bits = QuickScan.v6(bytes, &at), bits >> 32 != 0xffff else { return nil }
      address = .v6(bits)
    }
    var prefix = Prefix(address)
    if QuickScan.skip("/", bytes, &at) {
      guard let length = QuickScan.number(bytes, &at, upTo: address.width) else { return nil }
      prefix = Prefix(masking: address, length: length)
      guard prefix.address == address else { return nil }
    }
    guard QuickScan.end(bytes, &at) else { return nil }
    position = at
    return prefix
  }
}

extension UInt8 {
  /// The value of an ASCII hexadecimal digit.
  var asHexDigit: UInt8? {
    if let asDigit { return asDigit }
    let letter = (self | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? letter + 10 : nil
  }
}
