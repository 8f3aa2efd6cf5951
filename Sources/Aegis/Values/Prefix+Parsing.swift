extension Prefix {
  /// Reads `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`. An IPv4-mapped host becomes IPv4.
  ///
  /// - Throws: `InputError` for a bad address or length, for host bits that are set, and for a prefix of
  ///   IPv4-mapped addresses.
  public init(_ text: some StringProtocol) throws(InputError) {
    var notes: [InputNote] = []
    try self.init(text, noting: &notes)
  }

  /// - Parameter notes: Receives input that was interpreted as something other than it says.
  public init(
    _ text: some StringProtocol, noting notes: inout [InputNote]
  ) throws(InputError) {
    try self.init(parsing: Substring(String(text)), noting: &notes)
  }

  init(parsing text: Substring, noting notes: inout [InputNote]) throws(InputError) {
    let (address, length) = text.split(at: "/")
    if let length {
      try self.init(address: address, length: length, of: text, noting: &notes)
    } else {
      self.init(host: try IPAddress.literal(address), of: text, noting: &notes)
    }
  }

  /// Reads the two sides of a "/"; errors show `text`.
  init(
    address: Substring, length: Substring, of text: Substring, noting notes: inout [InputNote]
  ) throws(InputError) {
    let address = try IPAddress.literal(address)
    guard let bits = UInt64(digits: length), bits <= address.width else {
      throw InputError(
        text, "has no prefix length from 0 to \(address.width) after the /",
        hint: address.hint(mask: length))
    }
    let prefix = Prefix(masking: address, length: Int(bits))
    if prefix.isHost {
      self.init(host: address, of: text, noting: &notes)
      return
    }
    if let mapped = prefix.unmapped {
      throw InputError(
        text, "is a prefix of IPv4-mapped addresses",
        hint: "if you mean IPv4, write \(mapped); no valid IPv6 packet has such a source")
    }
    guard prefix.address == address else {
      throw InputError(text, "has host bits set", hint: "did you mean \(prefix) or \(address)?")
    }
    self = prefix
  }

  private init(host address: IPAddress, of text: Substring, noting notes: inout [InputNote]) {
    self.init(address.unmapped)
    if self.address != address {
      notes.append(InputNote(text, "read as the IPv4 address \(self)"))
    }
  }

  /// The IPv4 prefix for a prefix that contains only IPv4-mapped addresses; nil for any other prefix.
  var unmapped: Prefix? {
    guard address.unmapped != address, length >= 96 else { return nil }
    return Prefix(masking: address.unmapped, length: length - 96)
  }
}

/// Two words that other programs read as an address and its netmask.
public enum Netmask {
  /// - Throws: `InputError` for a netmask after the IPv4 address that it may belong to.
  public static func check(_ text: String, after previous: String?) throws(InputError) {
    guard let previous, let address = try? IPAddress.literal(previous[...]), case .v4 = address,
      let mask = try? IPAddress.literal(text[...]), let length = mask.maskLength
    else { return }
    throw InputError(
      "\(previous) \(text)", "can be read as an address and its netmask, or as two addresses",
      hint: """
        write \(Prefix(masking: address, length: length)) for the network; \
        give two addresses in two commands
        """)
  }
}

extension IPAddress {
  /// A hint for a mask in place of a prefix length.
  func hint(mask text: Substring) -> String? {
    guard case .v4 = self, let mask = try? IPAddress.literal(text) else { return nil }
    guard let length = mask.maskLength else { return "write a netmask as its number of bits" }
    let prefix = Prefix(masking: self, length: length)
    return prefix.address == self
      ? "did you mean \(prefix)?" : "did you mean \(prefix) or \(self)?"
  }

  /// The prefix length of a netmask, `255.255.255.0`, or of a wildcard mask, `0.0.0.255`; nil for other addresses, and
  /// for those that are not clearly a mask.
  var maskLength: Int? {
    guard case .v4(let bits) = self, bits != 0 else { return nil }
    let mask = bits >> 31 == 1 ? self : .v4(~bits)
    return mask.keptBits.flatMap { $0 >= 8 ? $0 : nil }
  }
}
