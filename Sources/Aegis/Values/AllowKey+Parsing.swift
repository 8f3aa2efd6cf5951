extension AllowKey {
  /// Where a key was written.
  public enum Form: Sendable {
    /// On a command line, where the operator can correct it: a key that can be read both as an address with a port and
    /// as an address without one is refused.
    case argument
    /// In a file, perhaps from an earlier version: such a key is read as an address without a port, and noted.
    case file
  }

  /// Reads `SOURCE[:PORTS][/PROTOCOL]`, where the source is `any`, an address or a prefix, and the ports are `80`,
  /// `8000-8099` or `80,443,8000-8099`.
  ///
  /// An IPv6 source with a port is in brackets: `[2001:db8::1]:53/udp`, `[2001:db8::/32]:443/tcp`.
  /// A number directly after the "/" of an address is its prefix length; in any other place it is a protocol.
  ///
  /// - Throws: `InputError`, naming the part that is wrong.
  public init(_ text: some StringProtocol) throws(InputError) {
    var notes: [InputNote] = []
    try self.init(text, in: .argument, noting: &notes)
  }

  /// - Parameter notes: Receives input that was interpreted as something other than it says.
  public init(
    _ text: some StringProtocol, in form: Form, noting notes: inout [InputNote]
  ) throws(InputError) {
    let parts = try AllowKeyParts(Substring(String(text)), noting: &notes)
    do throws(InputError) {
      try self.init(source: parts.source, ports: parts.ports, protocol: parts.protocol)
    } catch {
      throw InputError(text, error.problem, hint: error.hint)
    }
    guard let other = parts.otherSource else { return }
    switch form {
    case .argument:
      throw InputError(
        text, "can be read as an address, or as an address and a port",
        hint: "write \(self) for the address, \(parts.otherReading(other)) for the port")
    case .file:
      notes.append(InputNote(text, "read as the address in \(self), without a port"))
    }
  }
}

/// Parses a key from left to right.
private struct AllowKeyParts {
  var source: Prefix?
  var ports: KeyPorts?
  var `protocol`: TransportProtocol?
  /// The address and the port that an IPv6 source without brackets can also be read as.
  var otherSource: (address: IPAddress, port: Substring)?

  init(_ text: Substring, noting notes: inout [InputNote]) throws(InputError) {
    var rest: Substring
    if text.utf8.first == UInt8(ascii: "[") {
      rest = try readBracketed(text, noting: &notes)
    } else {
      rest = try readBare(text, noting: &notes)
    }
    if rest.utf8.first == UInt8(ascii: ":") {
      let numbers = rest.afterFirstByte.split(at: "/").before
      ports = try Self.ports(numbers)
      rest = rest[numbers.endIndex...]
    }
    guard rest.utf8.first == UInt8(ascii: "/") else {
      guard rest.isEmpty else { throw InputError(text, "has \"\(rest)\" after the source") }
      return
    }
    `protocol` = try Self.protocol(rest.afterFirstByte)
  }

  /// Reads `[ADDRESS]`, `[ADDRESS]/LENGTH` or `[ADDRESS/LENGTH]` and returns what follows.
  private mutating func readBracketed(
    _ text: Substring, noting notes: inout [InputNote]
  ) throws(InputError) -> Substring {
    let (inner, after) = text.afterFirstByte.split(at: "]")
    guard let after else { throw InputError(text, "has a [ without a closing ]") }
    guard inner.utf8.contains(UInt8(ascii: ":")) else {
      throw InputError(text, "has brackets around something that is not an IPv6 address")
    }
    if !inner.utf8.contains(UInt8(ascii: "/")), let length = Self.length(after) {
      source = try Prefix(
        address: inner, length: length, of: "\(inner)/\(length)", noting: &notes)
      return after[length.endIndex...]
    }
    source = try Prefix(parsing: inner, noting: &notes)
    return after
  }

  /// Reads `any`, `ADDRESS` or `ADDRESS/LENGTH` and returns what follows.
  private mutating func readBare(
    _ text: Substring, noting notes: inout [InputNote]
  ) throws(InputError) -> Substring {
    var address = text.split(at: "/").before
    let (host, afterColon) = address.split(at: ":")
    // A single colon precedes a port; an IPv6 address has at least two.
    if let afterColon, !afterColon.utf8.contains(UInt8(ascii: ":")) { address = host }
    let rest = text[address.endIndex...]
    guard !address.isEmpty else {
      throw InputError(text, "has no source", hint: "write any for any source")
    }
    guard address.lowercased() != "any" else { return rest }
    if (try? RulePorts(text))?.protocol != nil {
      throw InputError(text, "has no source", hint: "write any:\(text) for any source")
    }
    guard let length = Self.length(rest) else {
      let other = Self.otherSource(address)
      do throws(InputError) {
        source = try Prefix(parsing: address, noting: &notes)
      } catch {
        guard let other else { throw error }
        throw InputError(
          text, "has a port after an IPv6 address without brackets",
          hint: "write [\(other.address)]:\(other.port)\(rest)")
      }
      otherSource = other
      return rest
    }
    source = try Prefix(
      address: address, length: length, of: text[..<length.endIndex], noting: &notes)
    return rest[length.endIndex...]
  }

  /// The IPv6 address and the port that a text can also be read as, if any.
  private static func otherSource(
    _ text: Substring
  ) -> (address: IPAddress, port: Substring)? {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return nil }
    let port = text[colon...].afterFirstByte
    guard (try? KeyPorts(port)) != nil, let address = try? IPAddress.literal(text[..<colon]),
      case .v6 = address
    else { return nil }
    return (address, port)
  }

  func otherReading(_ other: (address: IPAddress, port: Substring)) -> String {
    "[\(other.address)]:\(other.port)" + (`protocol`.map { "/\($0)" } ?? "")
  }

  /// The digits right after a leading "/", if they end there or at a ":" or "/".
  private static func length(_ text: Substring) -> Substring? {
    guard text.utf8.first == UInt8(ascii: "/") else { return nil }
    let length = text.afterFirstByte.split(at: "/").before.split(at: ":").before
    return length.isDigits ? length : nil
  }

  private static func ports(_ text: Substring) throws(InputError) -> KeyPorts {
    try KeyPorts(
      text,
      or: InputError(
        text, "is not a port from 1 to 65535",
        hint: "write SOURCE[:PORTS][/PROTOCOL], an IPv6 source with a port in [ ]"))
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
