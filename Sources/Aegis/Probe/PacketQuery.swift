/// A packet as described by an operator, for queries to the datapath.
public struct PacketQuery: Hashable, Sendable {
  public let source: IPAddress
  /// The other end; nil is one of documentation (RFC 5737, RFC 3849).
  public let local: IPAddress?
  /// 1 to 65535; nil if the protocol has no ports, or any port will do.
  public let sourcePort: UInt16?
  /// The destination port; nil if the protocol has no ports.
  public let port: UInt16?
  public let `protocol`: TransportProtocol

  public static let usualLength = 60

  /// The minimum length of the whole frame in bytes; shorter frames are padded.
  public var length = usualLength
  /// For a packet that leaves, `source` is its destination, `sourcePort` the port of this host and `port` that of the
  /// destination.
  public var direction = Direction.in
  public var header = PacketHeader()

  init(
    source: IPAddress, sourcePort: UInt16? = nil, port: UInt16?, protocol: TransportProtocol,
    local: IPAddress? = nil
  ) {
    self.source = source
    self.local = local
    self.sourcePort = sourcePort
    self.port = port
    self.protocol = `protocol`
  }

  /// Reads `SOURCE[:PORT]` and `PORT/PROTO`, `PORT` (of TCP) or `PROTO`; without a destination it is a ping. An address
  /// may be in front of the destination: `192.0.2.1:53/udp`.
  ///
  /// - Throws: `InputError` for anything else, such as a prefix or a port without a protocol that has some.
  public init(source text: String, to destination: String?) throws(InputError) {
    var notes: [InputNote] = []
    try self.init(source: text, to: destination, noting: &notes)
  }

  /// - Parameter notes: Receives input that was interpreted as something other than it says.
  public init(
    source text: String, to destination: String?, noting notes: inout [InputNote]
  ) throws(InputError) {
    let from = try AllowKey(text, in: .argument, noting: &notes)
    guard let source = from.source, source.isHost, from.protocol == nil, !from.hasSeveralPorts
    else {
      throw InputError(
        text, "is not the source of a packet", hint: "write ADDRESS or ADDRESS:PORT")
    }
    let isV4 = source.address.width == 32
    let (local, destination) = try Self.address(in: destination, noting: &notes)
    if let local, local.width != source.address.width {
      throw InputError(text, "is of another family than \(local)")
    }
    self.local = local
    let target = try Self.target(destination, default: isV4 ? .icmp : .icmpv6)
    if from.ports != nil, target.port == nil {
      throw InputError(
        text, "has a port, but \(target.protocol) has none", hint: "add: to PORT/PROTO")
    }
    self.source = source.address
    sourcePort = from.ports?.only
    port = target.port
    `protocol` = target.protocol
  }

  /// The address in front of a destination, and the rest of it.
  private static func address(
    in text: String?, noting notes: inout [InputNote]
  ) throws(InputError) -> (address: IPAddress?, rest: String?) {
    guard let text, text.contains(where: { $0 == "." || $0 == ":" || $0 == "[" }) else {
      return (nil, text)
    }
    let key = try AllowKey(text, in: .argument, noting: &notes)
    guard let source = key.source, source.isHost, !key.hasSeveralPorts else {
      throw InputError(text, "is not the destination of a packet")
    }
    let named = key.protocol.map { "\($0)" }
    guard let port = key.ports?.only else { return (source.address, named) }
    return (source.address, "\(port)" + (named.map { "/\($0)" } ?? ""))
  }

  private static func target(
    _ text: String?, default ping: TransportProtocol
  ) throws(InputError) -> (port: UInt16?, protocol: TransportProtocol) {
    guard let text else { return (nil, ping) }
    guard let number = UInt64(digits: Substring(text)) else {
      if text.contains("/") {
        let port = try RateSelector.Port(text)
        guard let only = port.ports.only else {
          throw InputError(text, "has several ports, and a packet has one")
        }
        return (only, port.protocol)
      }
      let named: TransportProtocol
      do throws(InputError) {
        named = try TransportProtocol(text)
      } catch {
        throw InputError(
          text, "is not a port or a protocol", hint: "write 22/tcp, or a protocol such as icmp")
      }
      guard !named.hasPorts else {
        throw InputError(text, "needs a port", hint: "write PORT/\(named)")
      }
      return (nil, named)
    }
    guard 1...65_535 ~= number else { throw InputError(text, "is not a port from 1 to 65535") }
    return (UInt16(number), .tcp)
  }
}

extension PacketQuery: CustomStringConvertible {
  /// `10.0.0.3:40000 to 53/udp`, or `10.0.0.3 to icmp`.
  public var description: String {
    let v6 = source.width == 128 && sourcePort != nil
    let name = (port.map { "\($0)/" } ?? "") + "\(`protocol`)"
    let colon = port == nil ? " " : ":"
    let target = (local.map { ($0.width == 128 ? "[\($0)]" : "\($0)") + colon } ?? "") + name
    if direction == .out { return "to \(source) \(target)" }
    let from = (v6 ? "[\(source)]" : "\(source)") + (sourcePort.map { ":\($0)" } ?? "")
    return "\(from) to \(target)"
  }
}
