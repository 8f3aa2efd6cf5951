/// Packets to let in: from a source to destination ports over a protocol.
public struct AllowKey: Hashable, Sendable {
  /// nil means any source, of either family.
  public let source: Prefix?
  /// Destination ports; nil means any. Without a protocol they apply to TCP, UDP and SCTP.
  public let ports: KeyPorts?
  /// nil means any.
  public let `protocol`: TransportProtocol?

  /// - Throws: `InputError` for protocol 0 and for ports of a protocol that has none.
  public init(
    source: Prefix? = nil, ports: KeyPorts?, protocol: TransportProtocol? = nil
  ) throws(InputError) {
    self.init(unchecked: source, ports, `protocol`)
    if let `protocol`, `protocol`.rawValue == 0 {
      throw InputError("0", "is not a protocol", hint: "leave it out for any protocol")
    }
    if let ports, let `protocol`, !`protocol`.hasPorts {
      throw InputError(
        "\(self)", "has \(ports.phrase), but \(`protocol`) has no ports",
        hint: "only tcp, udp and sctp have ports")
    }
  }

  /// - Throws: `InputError` for port 0, protocol 0 and a port of a protocol that has none.
  public init(
    source: Prefix? = nil, port: UInt16? = nil, protocol: TransportProtocol? = nil
  ) throws(InputError) {
    if port == 0 {
      throw InputError("0", "is not a port from 1 to 65535", hint: "leave it out for any port")
    }
    try self.init(source: source, ports: port.map(KeyPorts.one), protocol: `protocol`)
  }

  /// A key for everything that comes from a source.
  public init(of source: Prefix) {
    self.init(unchecked: source, nil, nil)
  }

  init(unchecked source: Prefix?, _ ports: KeyPorts?, _ protocol: TransportProtocol?) {
    self.source = source
    self.ports = ports
    self.protocol = `protocol`
  }

  /// Whether it is matched by longest prefix: its source is neither any nor a host.
  public var isPrefix: Bool { source.map { !$0.isHost } ?? false }
}

extension AllowKey: Comparable {
  /// Ordered by source, ports and protocol; any comes first.
  public static func < (left: AllowKey, right: AllowKey) -> Bool {
    if left.source != right.source {
      guard let leftSource = left.source else { return true }
      guard let rightSource = right.source else { return false }
      return leftSource < rightSource
    }
    if left.ports != right.ports {
      guard let leftPorts = left.ports else { return true }
      guard let rightPorts = right.ports else { return false }
      return leftPorts < rightPorts
    }
    return (left.protocol?.rawValue ?? 0) < (right.protocol?.rawValue ?? 0)
  }
}

extension AllowKey: CustomStringConvertible {
  /// The canonical form, which reads back as the same key: `[2001:db8::/32]:443/tcp`.
  public var description: String {
    let ports = ports.map { ":\($0)" } ?? ""
    return sourceText + ports + (`protocol`.map { "/\($0)" } ?? "")
  }

  private var sourceText: String {
    guard let source else { return "any" }
    // A number right after an address would read as a prefix length.
    let isBeforeNumber = ports == nil && source.isHost && `protocol`.map { $0.name == nil } ?? false
    let text = isBeforeNumber ? "\(source)/\(source.length)" : "\(source)"
    // In the form of RFC 5952 with a port; without brackets the end of an address could be read as a port.
    if case .v6 = source.address { return "[\(text)]" }
    return text
  }
}
