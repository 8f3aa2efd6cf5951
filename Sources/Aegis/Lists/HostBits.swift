/// Prefixes whose address has bits beyond their length.
enum HostBits {
  /// The text with those bits cleared if it begins with `ADDRESS/LENGTH`, with or without brackets.
  static func cleared(_ text: Substring) -> Substring {
    var rest = text
    let isBracketed = rest.utf8.first == UInt8(ascii: "[")
    if isBracketed { rest = rest.afterFirstByte }
    let written = rest.utf8.prefix { $0.asHexDigit != nil || ".:".utf8.contains($0) }
    guard let address = try? IPAddress.literal(rest[..<written.endIndex]) else { return text }
    rest = rest[written.endIndex...]
    let isClosed = isBracketed && rest.utf8.first == UInt8(ascii: "]")
    if isClosed { rest = rest.afterFirstByte }
    guard rest.utf8.first == UInt8(ascii: "/") else { return text }
    let digits = rest.afterFirstByte.utf8.prefix { $0.asDigit != nil }
    guard let length = UInt64(digits: rest[digits.startIndex..<digits.endIndex]),
      length <= address.width
    else { return text }
    let kept = UInt128.max << UInt128(128 - length)
    let network = address.replacing(leftAligned: address.leftAligned & kept)
    return text[..<written.startIndex] + "\(network)" + text[written.endIndex...]
  }
}
