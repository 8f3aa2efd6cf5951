/// One thing that `repair` examined, and its action.
public struct RepairItem: Sendable, Equatable {
  public enum Action: String, Sendable, CaseIterable {
    case unchanged
    /// Its link was lost and is created again.
    case attached
    /// Its link ran another program and is set back to ours.
    case restored
    /// An object that the kernel still held is pinned again, or a lost one is created again.
    case adopted
    /// A dangling pin is removed.
    case cleared
    /// The work of an interrupted command is completed.
    case finished
    /// It was taken up or down like the other port of its wire.
    case followed
    /// There is no such interface now.
    case waiting
    /// It is in another network namespace.
    case elsewhere
    /// Another owner's program is attached, and stays.
    case foreign
    /// A wire that only the operator can complete.
    case incomplete
    /// Its packets have no Ethernet header: an earlier version attached it.
    case unsupported

    /// Whether the item changes the kernel's state.
    public var isChange: Bool {
      switch self {
      case .attached, .restored, .adopted, .cleared, .finished, .followed: true
      case .unchanged, .waiting, .elsewhere, .foreign, .unsupported, .incomplete: false
      }
    }
  }

  /// An interface, or a path below the pin root.
  public let name: String
  public let action: Action
  /// What was found, in one clause; nil if it is as it should be.
  public let detail: String?

  init(_ name: String, _ action: Action, _ detail: String? = nil) {
    self.name = name
    self.action = action
    self.detail = detail
  }
}
