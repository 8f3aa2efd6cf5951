import Aegis

/// What a frame holds.
enum Content {
  case ip(Packet)
  case arp
  case linkControl
  case other

  /// - Parameter bareType: The type of a frame without a header of the link.
  init(
    of frame: [UInt8], bareType: UInt16? = nil, _ direction: Direction = .in
  ) throws(Unreadable) {
    var reader = ByteReader(frame[...])
    if let bareType {
      self = try Self(bareType, &reader, direction) ?? .other
      return
    }
    let destination = try reader.read(UInt64.self, bytes: 6)
    try reader.skip(6)
    let first = try reader.read(UInt16.self)
    var type = first
    var tags = 0
    var vlan: UInt16?
    while true {
      let snap = type <= 1500 ? Self.snap(reader) : nil
      guard snap != nil || Self.tags.contains(type) else { break }
      guard tags < 4 else { throw .tooManyTags }
      tags += 1
      if let snap {
        (type, reader) = snap
        continue
      }
      let tag = try reader.read(UInt16.self)
      // One of VLAN 0 leaves it to those behind.
      if vlan ?? 0 == 0 { vlan = tag & 0xfff }
      type = try reader.read(UInt16.self)
    }
    let isControl = Self.isLinkControl(first, to: destination)
    self = try Self(type, &reader, direction) ?? (isControl ? .linkControl : .other)
    if case .ip(var packet) = self, let vlan {
      packet.vlan = vlan
      self = .ip(packet)
    }
  }

  private init?(
    _ type: UInt16, _ reader: inout ByteReader, _ direction: Direction
  ) throws(Unreadable) {
    switch type {
    case 0x0800: self = .ip(try Packet(ipv4: &reader, direction))
    case 0x86dd: self = .ip(try Packet(ipv6: &reader, direction))
    case 0x0806: self = .arp
    default: return nil
    }
  }

  private static let tags: Set<UInt16> = [0x8100, 0x88a8, 0x9100, 0x9200, 0x9300]

  /// What follows an LLC header with an organization whose codes are EtherTypes; nil for any other.
  private static func snap(_ reader: ByteReader) -> (UInt16, ByteReader)? {
    var reader = reader
    guard let head = try? reader.read(UInt64.self, bytes: 6),
      head == 0xaaaa_0300_0000 || head == 0xaaaa_0300_00f8,
      let type = try? reader.read(UInt16.self)
    else { return nil }
    return (type, reader)
  }

  /// Slow protocols (LACP), LLDP and EAPOL to any of the sixteen groups that bridges forward nothing of; STP, which is
  /// LLC, and PTP's peer delay each to its own.
  private static func isLinkControl(_ type: UInt16, to destination: UInt64) -> Bool {
    let groups: ClosedRange<UInt64> = 0x0180_c200_0000...0x0180_c200_000f
    return switch type {
    case 0x8809, 0x88cc, 0x888e: groups.contains(destination)
    case 0x88f7: destination == 0x0180_c200_000e
    case 0...1500: destination == groups.lowerBound
    default: false
    }
  }
}

/// What the rules ask of an IP packet.
struct Packet {
  let direction: Direction
  /// The other end: where it comes from, or where it goes.
  var peer: IPAddress
  /// This end.
  var local: IPAddress
  var protocolNumber: UInt8
  /// Of the outermost tag; 0 is none.
  var vlan: UInt16 = 0
  /// Bytes of the IP packet; 65535 is that or more.
  var length = 0
  /// The TTL, or the hop limit.
  var hopLimit: UInt8 = 0
  var dscp: UInt8 = 0
  /// nil where there is no header of ICMP to be read, or not that of the family.
  var icmp: ICMP?
  /// Source port, nil where there is none to be read.
  var sourcePort: UInt16?
  /// Destination port, nil where there is none to be read.
  var port: UInt16?
  /// Not all of a packet: the first part, the last or one between.
  var isFragment = false
  /// Not the fragment with the transport header.
  var isLaterFragment = false
  /// IPv6 neighbour discovery or a multicast listener query, as a host would accept it.
  var isNeighbour = false
  var isTooBig = false
  /// Of TCP; 0 for others.
  var flags: UInt8 = 0
  /// Bytes of the frame in front of the payload of TCP or UDP; 0 for others.
  var headers = 0

  struct ICMP {
    let type: UInt8
    let code: UInt8
  }

  init(
    _ direction: Direction, from source: IPAddress, to destination: IPAddress,
    protocolNumber: UInt8
  ) {
    self.direction = direction
    peer = direction == .out ? destination : source
    local = direction == .out ? source : destination
    self.protocolNumber = protocolNumber
  }

  /// Whether it is what a listener on one of these ports says to who opens a connection, or a reset.
  func isAnswer(of listening: Set<UInt16>) -> Bool {
    guard direction == .out, protocolNumber == 6, let sourcePort else { return false }
    return listening.contains(sourcePort) && (flags & 0x12 == 0x12 || flags & 4 != 0)
  }

  var source: IPAddress { direction == .out ? local : peer }
  var destination: IPAddress { direction == .out ? peer : local }

  func isNamed(by key: AllowKey) -> Bool {
    if let prefix = key.source, !prefix.contains(peer) { return false }
    if let wanted = key.protocol, wanted.rawValue != protocolNumber { return false }
    if let wanted = key.ports, !(port.map(wanted.contains) ?? false) { return false }
    return true
  }

  /// Whom the rate is counted for.
  var limited: IPAddress {
    switch peer {
    case .v4: peer
    case .v6(let bits): .v6((bits >> 64) << 64)
    }
  }
}
