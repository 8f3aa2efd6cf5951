/// A range of addresses, as prefixes.
enum AddressRange {
  /// The elements for `ADDR`, `ADDR/LENGTH` and `ADDR-ADDR`.
  static func elements<Element: ListElement>(
    _ text: String, noting notes: inout [InputNote]
  ) throws(InputError) -> [Element] {
    let (first, last) = text[...].split(at: "-")
    if let last {
      return try prefixes(from: first, to: last, of: text).map(Element.init(source:))
    }
    guard !text.utf8.contains(UInt8(ascii: ",")) else {
      throw InputError(
        text, "is more than an address",
        hint: "only sets of type hash:ip and hash:net can be imported")
    }
    return [try Element(listed: text[...], noting: &notes)]
  }

  /// - Throws: `InputError` for text that is not an address, for a range of two families or that runs backwards, and
  ///   for one that begins or ends among IPv4-mapped addresses.
  static func prefixes(
    from first: Substring, to last: Substring, of text: String
  ) throws(InputError) -> [Prefix] {
    let (start, end) = (try IPAddress.literal(first), try IPAddress.literal(last))
    guard start.width == end.width, start <= end else {
      throw InputError(text, "is not a range: the first address must come before the second")
    }
    guard start.unmapped == start, end.unmapped == end else {
      throw InputError(
        text, "is a range of IPv4-mapped addresses",
        hint: "if you mean IPv4, write the range as IPv4; no valid IPv6 packet has such a source")
    }
    return prefixes(from: start, to: end)
  }

  /// - Parameter end: Of the same family, and not before the start.
  static func prefixes(from start: IPAddress, to end: IPAddress) -> [Prefix] {
    var prefixes: [Prefix] = []
    var low = start.rightAligned
    let high = end.rightAligned
    while true {
      // Each prefix is as wide as the alignment of its first address and the rest of the range allow.
      let rest = high - low
      let fits = rest == .max ? 128 : 127 - (rest + 1).leadingZeroBitCount
      let bits = min(low.trailingZeroBitCount, fits, start.width)
      let address = start.replacing(leftAligned: low << UInt128(128 - start.width))
      prefixes.append(Prefix(masking: address, length: start.width - bits))
      let next = bits == 128 ? 0 : low &+ (1 << UInt128(bits))
      if next == 0 || next > high { return prefixes }
      low = next
    }
  }

  /// The networks of a length that an address, a prefix or a range lies in.
  static func networks(_ text: String, length: Int) throws(InputError) -> [Prefix] {
    let (first, last) = text[...].split(at: "-")
    let (low, own) = first.split(at: "/")
    let start = try IPAddress.literal(low)
    if start.unmapped != start { _ = try Prefix("\(start)/\(length)") }
    guard length <= start.width else {
      throw InputError(text, "is in a set of /\(length) networks, which is longer than the address")
    }
    if let last {
      let hosts = ~(UInt128.max << UInt128(128 - length))
      let end = try IPAddress.literal(last)
      return try prefixes(
        from: "\(start.replacing(leftAligned: start.leftAligned & ~hosts))",
        to: "\(end.replacing(leftAligned: end.leftAligned | hosts))", of: text)
    }
    let given = own.map { UInt64(digits: $0) ?? .max } ?? UInt64(start.width)
    guard given <= start.width else {
      throw InputError(text, "has no prefix length from 0 to \(start.width) after the /")
    }
    return [Prefix(masking: start, length: min(length, Int(given)))]
  }
}

extension IPAddress {
  /// The number of bits that a netmask of either family keeps; nil if this is not a netmask.
  var keptBits: Int? {
    let length = (~leftAligned).leadingZeroBitCount
    let isMask = 1...width ~= length && leftAligned << UInt128(length) == 0
    return isMask ? length : nil
  }

  fileprivate var rightAligned: UInt128 { leftAligned >> UInt128(128 - width) }
}

enum ListLife {
  /// A timeout of a list, where 0 means forever.
  static func seconds(_ seconds: UInt64, of text: String) throws(InputError) -> Duration? {
    try milliseconds(seconds.multipliedReportingOverflow(by: 1000), of: text)
  }

  static func milliseconds(
    _ count: (partialValue: UInt64, overflow: Bool), of text: String
  ) throws(InputError) -> Duration? {
    if count.partialValue == 0, !count.overflow { return nil }
    guard !count.overflow, count.partialValue <= UInt64(Lifetime.longest / .milliseconds(1)) else {
      throw InputError(text, Lifetime.tooLong)
    }
    return .milliseconds(count.partialValue)
  }
}
