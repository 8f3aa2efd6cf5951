internal import Glibc

/// Bytes of a line of a file.
struct GeoField {
  private let bytes: UnsafeBufferPointer<UInt8>

  init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  var count: Int { bytes.count }
  subscript(index: Int) -> UInt8 { bytes[index] }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  subscript(range: Range<Int>) -> GeoField {
    GeoField(UnsafeBufferPointer(rebasing: bytes[range]))
  }

  func isEqual(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount
      && (count == 0 || memcmp(bytes.baseAddress!, text.utf8Start, count) == 0)
  }

  func hasPrefix(_ text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount
      && memcmp(bytes.baseAddress!, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  /// The place of a byte at or after `start`.
  func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    guard start < count, let base = bytes.baseAddress,
      let found = memchr(base + start, Int32(byte), count - start)
    else { return nil }
    return UnsafeRawPointer(base).distance(to: UnsafeRawPointer(found))
  }

  /// Without surrounding blanks, and then without quotes around it.
  var trimmed: GeoField {
    var (start, end) = (0, count)
    while start < end, Self.isBlank(bytes[start]) { start += 1 }
    while end > start, Self.isBlank(bytes[end - 1]) { end -= 1 }
    let quote = UInt8(ascii: "\"")
    if end - start >= 2, bytes[start] == quote, bytes[end - 1] == quote {
      start += 1
      end -= 1
    }
    return start == 0 && end == count ? self : self[start..<end]
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  /// The parts between separators that are not in quotes, each trimmed; nil if there are more than `most`.
  func split(at separator: UInt8, most: Int) -> [GeoField]? {
    var fields: [GeoField] = []
    fields.reserveCapacity(most)
    var start = 0
    while true {
      guard fields.count < most else { return nil }
      let end = endOfField(from: start, separator)
      fields.append(self[start..<end].trimmed)
      if end == count { return fields }
      start = end + 1
    }
  }

  private func endOfField(from start: Int, _ separator: UInt8) -> Int {
    let quote = UInt8(ascii: "\"")
    guard start < count, bytes[start] == quote,
      let closing = firstIndex(of: quote, from: start + 1)
    else { return firstIndex(of: separator, from: start) ?? count }
    // A doubled quote is a quote in the text.
    var end = closing
    while end + 1 < count, bytes[end + 1] == quote,
      let next = firstIndex(of: quote, from: end + 2)
    { end = next }
    return firstIndex(of: separator, from: end) ?? count
  }

  /// A decimal number of at most 18 digits and nothing else.
  var number: UInt64? {
    guard 1...18 ~= count else { return nil }
    var value: UInt64 = 0
    for index in 0..<count {
      guard let digit = bytes[index].asDigit else { return nil }
      value = value &* 10 &+ UInt64(digit)
    }
    return value
  }
}

/// Addresses, read faster than `IPAddress` does.
extension GeoField {
  /// An IPv4 address as a number, or an address as text; an IPv4-mapped address stays IPv6.
  var address: IPAddress? {
    if firstIndex(of: UInt8(ascii: ":")) != nil {
      if let bits = plainIPv6 { return .v6(bits) }
      return count <= 45 ? try? IPAddress.literal(Substring(text)) : nil
    }
    if firstIndex(of: UInt8(ascii: ".")) != nil {
      return count <= 15 ? dottedQuad.map(IPAddress.v4) : nil
    }
    guard let number, number <= UInt64(UInt32.max) else { return nil }
    return .v4(UInt32(number))
  }

  private var dottedQuad: UInt32? {
    var (bits, octet, digits, dots) = (UInt32(0), UInt32(0), 0, 0)
    for index in 0..<count {
      if let digit = bytes[index].asDigit {
        guard digits == 0 || octet != 0 else { return nil }
        octet = octet * 10 + UInt32(digit)
        digits += 1
        guard octet <= 255 else { return nil }
      } else {
        guard bytes[index] == UInt8(ascii: "."), digits > 0, dots < 3 else { return nil }
        bits = bits << 8 | octet
        (octet, digits, dots) = (0, 0, dots + 1)
      }
    }
    return dots == 3 && digits > 0 ? bits << 8 | octet : nil
  }

  /// Groups of hexadecimal digits with at most one `::`; nil for other forms.
  private var plainIPv6: UInt128? {
    var (high, low, groups) = (UInt64(0), UInt64(0), 0)
    var gap = -1
    var index = 0
    if hasPrefix("::") { (gap, index) = (0, 2) }
    while index < count {
      var (group, digits) = (UInt64(0), 0)
      while index < count, let digit = Self.hexadecimal(bytes[index]) {
        group = group << 4 | digit
        digits += 1
        index += 1
      }
      guard 1...4 ~= digits, groups < 8 else { return nil }
      high = high << 16 | low >> 48
      low = low << 16 | group
      groups += 1
      if index == count { break }
      guard bytes[index] == UInt8(ascii: ":") else { return nil }
      index += 1
      if index < count, bytes[index] == UInt8(ascii: ":") {
        guard gap < 0 else { return nil }
        gap = groups
        index += 1
      } else if index == count {
        return nil
      }
    }
    let read = UInt128(high) << 64 | UInt128(low)
    if gap < 0 { return groups == 8 ? read : nil }
    guard groups < 8 else { return nil }
    // What follows the gap stays at the end.
    let after = UInt128(16 * (groups - gap))
    let tail = read & ((1 << after) - 1)
    return gap == 0 ? tail : (read >> after) << UInt128(128 - 16 * gap) | tail
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt64? {
    if let digit = byte.asDigit { return UInt64(digit) }
    let letter = (byte | 0x20) &- UInt8(ascii: "a")
    return letter < 6 ? UInt64(letter) + 10 : nil
  }
}
