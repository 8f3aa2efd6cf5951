/// The result of one check of a host or an interface.
public struct Finding: Sendable, Equatable {
  public enum Level: String, Sendable, CaseIterable {
    case ok, warning, error
  }

  /// What was checked: `map.lpm-trie`, `mtu`.
  public let check: String
  public let level: Level
  /// What was found, in one clause.
  public let message: String
  /// Why it matters; nil when all is well.
  public let reason: String?
  /// A command that fixes it, if there is one.
  public let fix: String?

  init(
    _ check: String, _ level: Level, _ message: String, because reason: String? = nil,
    fix: String? = nil
  ) {
    self.check = check
    self.level = level
    self.message = message
    self.reason = reason
    self.fix = fix
  }

  static func ok(_ check: String, _ message: String) -> Finding { Finding(check, .ok, message) }
}
