internal import CAegis

extension Event {
  /// The maximum number of bytes of a frame that are reported.
  public static let mostBytes = AEGIS_EVENT_SNAP

  /// - Parameters:
  ///   - interface: The name of the interface with its `ifindex`.
  ///   - rate: The packets that its `rates` are for.
  ///   - matched: What its `rule` names: `rule NAME`, or a key of several ports.
  ///   - className: The name of its `class`.
  ///   - list: The name of its list.
  ///   - isBare: Whether frames of the interface have no header of the link.
  init(
    _ event: aegis_event, at clock: ClockReading, interface: String, rate: String?,
    matched: String? = nil, className: ClassName? = nil, list: ListName? = nil,
    isBare: Bool = false
  ) {
    let bytes = withUnsafeBytes(of: event.packet) { Array($0.prefix(Int(event.captured))) }
    let family = UInt32(event.family)
    time = clock.nanoseconds(of: event.time)
    self.interface = interface
    direction = event.leaves ? .out : .in
    self.className = className
    self.list = event.listNumber.flatMap { $0 == AEGIS_LIST_MANUAL ? .manual : list }
    reason = Reason(rawValue: event.reason)
    wouldDrop = event.would_drop == 0 ? nil : Reason(rawValue: event.would_drop)
    length = Int(event.length)
    source = IPAddress(event.source, family: family)
    destination = IPAddress(event.destination, family: family)
    self.protocol = source == nil ? nil : TransportProtocol(rawValue: event.protocol)
    let hasPorts = event.source_port != 0 || event.destination_port != 0
    sourcePort = hasPorts ? UInt16(bigEndian: event.source_port) : nil
    destinationPort = hasPorts ? UInt16(bigEndian: event.destination_port) : nil
    icmp = Self.icmp(bytes, at: Int(event.transport), self.protocol)
    self.isBare = isBare
    link = isBare ? nil : LinkHeader(bytes)
    self.bytes = bytes
    rule = event.rule(rate: rate, matched: matched)
  }

  private static func icmp(
    _ bytes: [UInt8], at offset: Int, _ protocol: TransportProtocol?
  ) -> ICMP? {
    guard `protocol` == .icmp || `protocol` == .icmpv6, offset > 0, offset + 2 <= bytes.count else {
      return nil
    }
    return ICMP(type: bytes[offset], code: bytes[offset + 1])
  }
}

extension aegis_event {
  var leaves: Bool { direction == AEGIS_DIRECTION_OUT.rawValue }

  /// The number of the list whose entry decided, or would have dropped; nil if none did.
  var listNumber: UInt16? {
    let isOfEntry = [AEGIS_DROP_HOST, AEGIS_DROP_PREFIX].map(\.rawValue).contains {
      $0 == reason || $0 == would_drop
    }
    return isOfEntry ? UInt16(truncatingIfNeeded: found >> UInt64(AEGIS_FOUND_LIST_SHIFT)) : nil
  }
}
