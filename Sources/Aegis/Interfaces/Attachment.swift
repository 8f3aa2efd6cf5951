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
  public let ifindex: UInt32
  public let mode: AttachMode
  /// Whether packets go through the datapath now.
  public let isAttached: Bool
  /// Whether it is to be attached: once it was, and nobody detached it since.
  public let isDeclared: Bool
  /// Whether it lives in another network namespace than the caller.
  public let isElsewhere: Bool
  /// Of the link and of the program that it runs, in the kernel; nil when not attached.
  public let link: UInt32?
  public let program: UInt32?

  let slot: UInt32
}
