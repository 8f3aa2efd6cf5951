internal import CAegis

/// What an operator declares about two ports that are joined.
public struct WireOptions: Sendable, Hashable {
  /// What happens to packets while the datapath is not attached to the ports.
  public enum IfDetached: String, Sendable, CaseIterable {
    /// The operator's bridge, of which both are ports, forwards them.
    case open
    /// Nothing crosses.
    case closed
  }

  /// The other port.
  public var peer: String
  /// The port whose packets are never judged: one of the two, or nil.
  public var trusted: String?
  public var ifDetached: IfDetached
  /// Whether `repair` takes a port down while the other one has no carrier.
  public var followsLink: Bool

  public init(
    peer: String, trusted: String? = nil, ifDetached: IfDetached = .closed,
    followsLink: Bool = false
  ) {
    self.peer = peer
    self.trusted = trusted
    self.ifDetached = ifDetached
    self.followsLink = followsLink
  }

  /// The flags of a port's slot that are declared.
  func flags(of port: String) -> UInt32 {
    var flags: UInt32 = 0
    if trusted == port { flags |= aegis_port_flag.trusted }
    if ifDetached == .open { flags |= aegis_port_flag.open }
    if followsLink { flags |= aegis_port_flag.follow }
    return flags
  }
}

/// A port of a wire, as it is recorded.
public struct WireEnd: Sendable, Hashable {
  /// The name of the other port; if it is gone, its name when it was attached.
  public let peer: String
  /// Whether its packets are never judged.
  public let isTrusted: Bool
  /// Whether those of the other port are never judged.
  public let isPeerTrusted: Bool
  public let ifDetached: WireOptions.IfDetached
  public let followsLink: Bool
  /// Whether it was taken down because the other port has no carrier.
  public let isHeldDown: Bool

  /// When it was last taken up again, in ns of CLOCK_BOOTTIME; 0 if it never was.
  let raisedAt: UInt64
  /// Whether the other port is known, and is joined to this one.
  public let isWhole: Bool
  /// The recorded index of the other port.
  let peerPin: UInt32

  /// nil for an interface that is no port of a wire.
  ///
  /// - Parameter all: All that have a slot, with their current names.
  init?(_ interface: aegis_interface, among all: [(interface: aegis_interface, name: String)]) {
    guard interface.peer != 0 else { return nil }
    let flags = interface.flags
    let other = all.first { $0.interface.ifindex == interface.peer }
    peer = other?.name ?? "interface \(interface.peer)"
    isWhole = other?.interface.peer == interface.ifindex
    peerPin = interface.peer
    raisedAt = interface.raised
    isTrusted = flags & aegis_port_flag.trusted != 0
    isPeerTrusted = (other?.interface.flags ?? 0) & aegis_port_flag.trusted != 0
    ifDetached = flags & aegis_port_flag.open != 0 ? .open : .closed
    followsLink = flags & aegis_port_flag.follow != 0
    isHeldDown = flags & aegis_port_flag.heldDown != 0
  }
}

/// The bits of `aegis_interface.flags`.
extension aegis_port_flag {
  static let trusted = AEGIS_PORT_TRUSTED.rawValue
  static let open = AEGIS_PORT_OPEN.rawValue
  static let follow = AEGIS_PORT_FOLLOW.rawValue
  static let heldDown = AEGIS_PORT_HELD_DOWN.rawValue
  static let undoIPv6 = AEGIS_PORT_UNDO_IPV6.rawValue
  static let undoARP = AEGIS_PORT_UNDO_ARP.rawValue
  static let undoPromiscuous = AEGIS_PORT_UNDO_PROMISC.rawValue
  static let undoQueue = AEGIS_PORT_UNDO_CLSACT.rawValue
  static let ipv6Alone = AEGIS_PORT_IPV6_ALONE.rawValue
  static let bare = AEGIS_PORT_BARE.rawValue
  static let forward = AEGIS_PORT_FORWARD.rawValue

  /// What `detach` must undo.
  static let undo = heldDown | undoIPv6 | undoARP | undoPromiscuous | undoQueue | ipv6Alone

  /// What holds for the relay, and must be undone when it is off.
  static let relay =
    forward
    | [
      AEGIS_PORT_UNDO_FORWARDING_V4, AEGIS_PORT_UNDO_FORWARDING_V6, AEGIS_PORT_UNDO_EVICT_V4,
      AEGIS_PORT_UNDO_EVICT_V6, AEGIS_PORT_FORWARDING_ALONE_V4, AEGIS_PORT_FORWARDING_ALONE_V6,
    ].reduce(0) { $0 | $1.rawValue }
}
