/// An XDP program that an interface runs.
public struct AttachedXDP: Sendable, Equatable {
  /// The kernel's number for the program.
  public let programID: UInt32
  /// Where it runs; if there are several programs, the one nearest to the wire.
  public let mode: XDPMode
}
