internal import BPF
internal import CAegis

/// How a program meets packets.
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
  /// As it is called now or, out of sight in another namespace or gone, as it was when it was attached.
  public let name: String
  /// Of the interface where it is now, also in another namespace; as it was once it is detached.
  public let ifindex: UInt32
  public let mode: AttachMode
  /// Whether packets go through the datapath now.
  public let isAttached: Bool
  /// Whether it is to be attached: once it was, and nobody detached it since.
  public let isDeclared: Bool
  /// Whether it lives in another network namespace than the caller.
  public let isElsewhere: Bool
  /// Whether it was moved since it was attached, away from the caller's network namespace or into it.
  public let isMoved: Bool
  /// Whether there is another interface of its name here, in its place, that is not attached.
  public let isReplaced: Bool
  /// Of the link and of the program that it runs, in the kernel; nil when not attached.
  public let link: UInt32?
  public let program: UInt32?

  let slot: UInt32
  /// Of its counters.
  let block: UInt32
  /// Its index when it was attached: the name of the pin of its link.
  let pin: UInt32
  /// The inode of the network namespace where it was attached.
  let home: UInt64

  /// Whether it was attached here and is now in another network namespace.
  public var isGone: Bool { isMoved && isElsewhere }
  /// Whether it is to be attached, and packets of its name do not go through the datapath.
  public var isLost: Bool { isDeclared && (!isAttached || isReplaced) }
}
