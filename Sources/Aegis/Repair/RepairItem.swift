/// One thing that `repair` looked at, and what it does about it.
public struct RepairItem: Sendable, Equatable {
  public enum Action: String, Sendable, CaseIterable {
    case unchanged
    /// Its link was lost and is made anew.
    case attached
    /// Its link ran another program and runs ours again.
    case restored
    /// What the kernel still held without a pin is pinned again, or what was lost is made anew.
    case adopted
    /// A pin that leads nowhere is removed.
    case cleared
    /// What an interrupted command began is brought to its end.
    case finished
    /// There is no such interface now.
    case waiting
    /// It lives in another network namespace.
    case elsewhere
    /// Somebody else's program is there, and stays.
    case foreign
    /// Its packets have no Ethernet header: an earlier version attached it.
    case unsupported

    /// Whether the kernel's state differs afterwards.
    public var isChange: Bool {
      switch self {
      case .attached, .restored, .adopted, .cleared, .finished: true
      case .unchanged, .waiting, .elsewhere, .foreign, .unsupported: false
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
