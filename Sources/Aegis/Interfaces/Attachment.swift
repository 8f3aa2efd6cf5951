internal import BPF
internal import CAegis
internal import Linux

/// Where a program processes packets.
public enum AttachMode: String, Sendable, CaseIterable {
  case auto, native, generic, offload
  /// In the network stack, behind XDP.
  case tc

  /// nil unless the kernel has a mode of XDP of this name.
  var xdp: XDPMode? {
    switch self {
    case .auto, .tc: nil
    case .native: .native
    case .generic: .generic
    case .offload: .offload
    }
  }

  /// As it is recorded of an interface that should be attached; `auto` as the mode that it tries first.
  var recorded: UInt32 { self == .tc ? AEGIS_MODE_TC : (xdp ?? .native).rawValue }

  init(_ mode: XDPMode) {
    switch mode {
    case .native: self = .native
    case .generic: self = .generic
    case .offload: self = .offload
    }
  }

  /// nil if nothing is recorded.
  init?(recorded: UInt32) {
    if recorded == AEGIS_MODE_TC {
      self = .tc
    } else if let mode = XDPMode(rawValue: recorded) {
      self.init(mode)
    } else {
      return nil
    }
  }
}

/// The directions that an interface is, or should be, attached in.
public enum Directions: String, Sendable, CaseIterable {
  case `in`, out, both

  public var all: [Direction] {
    switch self {
    case .in: [.in]
    case .out: [.out]
    case .both: Direction.allCases
    }
  }

  public func contains(_ direction: Direction) -> Bool { all.contains(direction) }
}

/// A direction of an interface that the datapath is or was attached to.
public struct Attachment: Sendable {
  /// The current name; if the interface is gone or in another namespace, its name when it was attached.
  public let name: String
  /// The current index, also in another namespace; after a detachment, the last one.
  public let ifindex: UInt32
  public let direction: Direction
  public let mode: AttachMode
  /// Whether packets go through the datapath now.
  public let isAttached: Bool
  /// Whether it should be attached: it was attached, and nobody detached it since.
  public let isDeclared: Bool
  /// Whether it is in another network namespace than the caller.
  public let isElsewhere: Bool
  /// Whether it was moved out of the caller's network namespace, or into it, since it was attached.
  public let isMoved: Bool
  /// Whether another interface of the same name is here in its place, and is not attached.
  public let isReplaced: Bool
  /// The wire that it is a port of; nil for other interfaces.
  public let wire: WireEnd?
  /// The kernel's numbers of the link and of its program; nil if not attached. A filter has no link.
  public let link: UInt32?
  public let program: UInt32?

  /// Whether its settings and neighbours are kept as the relay needs them.
  public let forwards: Bool

  let slot: UInt32
  /// Whether its packets are known to begin with the IP header.
  let isBare: Bool
  /// The number of the profile that it names; nil if it has the one in force.
  public let profile: UInt32?
  /// Its block of counters.
  let block: UInt32
  /// Its index when it was attached, with which the name of its link's pin begins.
  let pin: UInt32
  /// The inode of the network namespace where it was attached.
  let home: UInt64

  /// Its name, with the direction unless that is the usual one.
  public var label: String { direction == .out ? "\(name) out" : name }

  /// The pin of its link.
  func path(at root: PinRoot) -> String {
    mode == .tc ? root.link(pin, direction) : root.link(pin)
  }

  /// Whether it is of the same interface, in whichever direction.
  func isBeside(_ other: Attachment) -> Bool { slot == other.slot }

  /// Where its program is behind tc.
  func traffic(at root: PinRoot) -> TrafficLink {
    TrafficLink(direction, of: isElsewhere ? pin : ifindex, at: root)
  }

  /// What comes before its program and may let packets past it, as a clause; nil if nothing does, or it is XDP.
  public func predecessor(at root: PinRoot) -> String? {
    guard mode == .tc, isAttached, !isElsewhere, let program else { return nil }
    return traffic(at: root).predecessor(of: program)
  }

  /// The wire as it is declared at this port; nil for other interfaces.
  public var declaredWire: WireOptions? {
    wire.map {
      WireOptions(
        peer: $0.peer, trusted: $0.isTrusted ? name : $0.isPeerTrusted ? $0.peer : nil,
        ifDetached: $0.ifDetached, followsLink: $0.followsLink)
    }
  }

  /// Whether its link has a carrier; nil if it is not in this network namespace.
  public var hasCarrier: Bool? { flags?.contains(.carrier) }

  private var flags: InterfaceFlags? {
    isElsewhere ? nil : (try? LinkInfo.of(ifindex))??.flags
  }

  /// Whether it was attached here and is now in another network namespace.
  public var isGone: Bool { isMoved && isElsewhere }
  /// Whether it should be attached, but packets of its name do not go through the datapath, or to nobody.
  public var isLost: Bool {
    // Whether there is a filter can only be seen from there.
    if isElsewhere, !isAttached, mode == .tc { return false }
    return isDeclared && (!isAttached || isReplaced || wire.map { !$0.isWhole } ?? false)
  }
}
