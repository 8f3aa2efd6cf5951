extension AllowKey {
  /// Reads `SOURCE[:PORT][/PROTOCOL]`, where the source is `any`, an address or a prefix.
  ///
  /// An IPv6 source with a port is in brackets: `[2001:db8::1]:53/udp`, `[2001:db8::/32]:443/tcp`.
  /// A number right after the "/" of an address is its prefix length, and a protocol anywhere else.
  ///
  /// - Throws: `InputError`, naming the part that is wrong.
  public init(_ text: some StringProtocol) throws(InputError) {
    let parts = try AllowKeyParts(Substring(String(text)))
    do throws(InputError) {
      try self.init(source: parts.source, port: parts.port, protocol: parts.protocol)
    } catch {
      throw InputError(text, error.problem, hint: error.hint)
    }
  }
}

/// Takes a key apart from left to right.
private struct AllowKeyParts {
  var source: Prefix?
  var port: UInt16?
  var `protocol`: TransportProtocol?

  init(_ text: Substring) throws(InputError) {
    var rest: Substring
    if text.utf8.first == UInt8(ascii: "[") {
      rest = try readBracketed(text)
    } else {
      rest = try readBare(text)
    }
    if rest.utf8.first == UInt8(ascii: ":") {
      let number = rest.afterFirstByte.split(at: "/").before
      port = try Self.port(number)
      rest = rest[number.endIndex...]
    }
    guard rest.utf8.first == UInt8(ascii: "/") else {
      guard rest.isEmpty else { throw InputError(text, "has \"\(rest)\" after the source") }
      return
    }
    `protocol` = try Self.protocol(rest.afterFirstByte)
  }

  /// Reads `[ADDRESS]`, `[ADDRESS]/LENGTH` or `[ADDRESS/LENGTH]` and returns what follows.
  private mutating func readBracketed(_ text: Substring) throws(InputError) -> Substring {
    let (inner, after) = text.afterFirstByte.split(at: "]")
    guard let after else { throw InputError(text, "has a [ without a ]") }
    guard inner.utf8.contains(UInt8(ascii: ":")) else {
      throw InputError(text, "has brackets around something else than an IPv6 address")
    }
    if !inner.utf8.contains(UInt8(ascii: "/")), let length = Self.length(after) {
      source = try Prefix(address: inner, length: length, of: "\(inner)/\(length)")
      return after[length.endIndex...]
    }
    source = try Prefix(parsing: inner)
    return after
  }

  /// Reads `any`, `ADDRESS` or `ADDRESS/LENGTH` and returns what follows.
  private mutating func readBare(_ text: Substring) throws(InputError) -> Substring {
    var address = text.split(at: "/").before
    let (host, afterColon) = address.split(at: ":")
    // One colon is a port's; an IPv6 address has at least two.
    if let afterColon, !afterColon.utf8.contains(UInt8(ascii: ":")) { address = host }
    let rest = text[address.endIndex...]
    guard !address.isEmpty else {
      throw InputError(text, "has no source", hint: "write any for any source")
    }
    guard address.lowercased() != "any" else { return rest }
    guard let length = Self.length(rest) else {
      source = try Prefix(parsing: address)
      return rest
    }
    source = try Prefix(
      address: address, length: length, of: text[..<length.endIndex])
    return rest[length.endIndex...]
  }

  /// The digits right after a leading "/", if they end there or at a ":" or "/".
  private static func length(_ text: Substring) -> Substring? {
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    let length = text.afterFirstByte.split(at: "/").before.split(at: ":").before
    return length.isDigits ? length : nil
  }

  private static func port(_ text: Substring) throws(InputError) -> UInt16 {
    guard let number = UInt64(digits: text), 1...65535 ~= number else {
      throw InputError(
        text, "is not a port from 1 to 65535",
        hint: "write SOURCE[:PORT][/PROTOCOL], an IPv6 source with a port in [ ]")
    }
    return UInt16(number)
  }

  private static func `protocol`(_ text: Substring) throws(InputError) -> TransportProtocol {
    do throws(InputError) {
      return try TransportProtocol(text)
    } catch {
      guard text.utf8.contains(UInt8(ascii: ":")) else { throw error }
      throw InputError(text, error.problem, hint: "the port comes before the protocol")
    }
  }
}
