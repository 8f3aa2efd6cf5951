extension Prefix {
  /// Reads `192.0.2.1`, `10.0.0.0/8` or `2001:db8::/32`.
  ///
  /// - Throws: `InputError` for a bad address or length, and for host bits that are set.
  public init(_ text: some StringProtocol) throws(InputError) {
    try self.init(parsing: Substring(String(text)))
  }

  init(parsing text: Substring) throws(InputError) {
    let (address, length) = text.split(at: "/")
    guard let length else {
      self.init(try IPAddress.literal(address))
      return
    }
    try self.init(address: address, length: length, of: text)
  }

  /// Reads the two sides of a "/"; `text` is what an error shows.
  init(address: Substring, length: Substring, of text: Substring) throws(InputError) {
    let address = try IPAddress.literal(address)
    guard let bits = UInt64(digits: length), bits <= address.width else {
      throw InputError(
        text, "has no prefix length from 0 to \(address.width) after the /",
        hint: length.contains(".") ? "write a netmask as its number of bits" : nil)
    }
    self.init(masking: address, length: Int(bits))
    // Compared with the address as an operator would write it: a mapped one has become IPv4.
    let written = self.address.width == address.width ? address : address.unmapped
    guard written == self.address else {
      throw InputError(text, "has host bits set", hint: "did you mean \(self) or \(written)?")
    }
  }
}
