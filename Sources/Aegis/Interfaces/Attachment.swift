internal import BPF
internal import CAegis
internal import Linux

/// Where a program processes packets.
public enum AttachMode: String, Sendable, CaseIterable {
  case auto, native, generic, offload

  var xdp: XDPMode? {
    switch self {
    case .auto: nil
    case .native: .native
    case .generic: .generic
    case .offload: .offload
    }
  }

  init(_ mode: XDPMode) {
    switch mode {
    case .native: self = .native
    case .generic: self = .generic
    case .offload: self = .offload
    }
  }
}

/// An interface that the datapath is or was attached to.
public struct Attachment: Sendable {
  /// The current name; if the interface is gone or in another namespace, its name when it was attached.
  public let name: String
  /// The current index, also in another namespace; after a detachment, the last one.
  public let ifindex: UInt32
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
  /// The kernel's numbers of the link and of its program; nil if not attached.
  public let link: UInt32?
  public let program: UInt32?

  let slot: UInt32
  /// Its block of counters.
  let block: UInt32
  /// Its index when it was attached, which is the name of its link's pin.
  let pin: UInt32
  /// The inode of the network namespace where it was attached.
  let home: UInt64

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
    isDeclared && (!isAttached || isReplaced || wire.map { !$0.isWhole } ?? false)
  }
}
