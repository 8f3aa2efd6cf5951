/// Which packets a rate is for.
public struct RateSelector: Hashable, Sendable {
  public struct Port: Hashable, Sendable, CustomStringConvertible {
    public let ports: KeyPorts
    public let `protocol`: TransportProtocol

    /// Reads `53/udp`, `8000-8099/tcp` or `80,443/tcp`.
    public init(_ text: some StringProtocol) throws(InputError) {
      let (numbers, name) = Substring(String(text)).split(at: "/")
      let error = InputError(
        text, "is not a port with its protocol", hint: "write PORTS/PROTO: 53/udp")
      guard let name else { throw error }
      let ports = try KeyPorts(numbers, or: error)
      let `protocol` = try TransportProtocol(name)
      guard `protocol`.hasPorts else { throw InputError(text, "has a protocol without ports") }
      self.init(ports, `protocol`)
    }

    init(_ ports: KeyPorts, _ protocol: TransportProtocol) {
      self.ports = ports
      self.protocol = `protocol`
    }

    /// Whether they are several, which share their rates.
    var isGroup: Bool { ports.only == nil }

    public var description: String { "\(ports)/\(`protocol`)" }
  }

  /// The destination ports; nil means any.
  public let port: Port?
  /// The source prefix; nil means any.
  public let prefix: Prefix?
  /// The class of the source; nil means any. It goes with neither a port nor a prefix.
  public let className: ClassName?

  public init(port: Port? = nil, prefix: Prefix? = nil) {
    self.port = port
    self.prefix = prefix
    className = nil
  }

  public init(className: ClassName) {
    (port, prefix) = (nil, nil)
    self.className = className
  }

  /// The packets that no other selector names.
  public static let rest = RateSelector()
}

extension RateSelector: CustomStringConvertible {
  /// `port 53/udp from 10.0.0.0/8`, `class foreign`, or `all`.
  public var description: String {
    let parts = [
      port.map { "port \($0)" }, prefix.map { "from \($0)" }, className.map { "class \($0)" },
    ].compactMap(\.self)
    return parts.isEmpty ? "all" : parts.joined(separator: " ")
  }
}

/// A rate, the packets that it is for, and whether it applies to each source or to all together.
public struct RateRule: Hashable, Sendable {
  public let selector: RateSelector
  public let isTotal: Bool
  public let rate: Rate

  public init(_ rate: Rate, for selector: RateSelector = .rest, isTotal: Bool = false) {
    self.selector = selector
    self.isTotal = isTotal
    self.rate = rate
  }
}
