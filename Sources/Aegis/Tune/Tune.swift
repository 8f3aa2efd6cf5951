internal import BPF
internal import Glibc
internal import Linux

/// Shows which CPUs handle an interface's packets, and pins them to other CPUs.
public struct Tune: Sendable {
  private let files: SystemFiles
  private let interfaces: @Sendable (String) -> VisibleInterfaces

  /// Uses the files of this host.
  public init() {
    self.init(files: SystemFiles(), interfaces: { VisibleInterfaces.read($0) })
  }

  init(files: SystemFiles, interfaces: @escaping @Sendable (String) -> VisibleInterfaces) {
    self.files = files
    self.interfaces = interfaces
  }

  public struct Change: Sendable, Equatable {
    public enum Action: String, Sendable, CaseIterable {
      case unchanged
      case pinned
      /// The kernel refused it.
      case refused
      /// Not attempted, since another change was refused.
      case untried
    }

    /// `interrupt 24 (eth0-rx-0)`, `receive queue 0`
    public let subject: String
    public let path: String
    /// The previous contents of the file.
    public let before: String
    /// The new contents.
    public let after: String
    public internal(set) var action: Action

    /// The shell command that restores the previous contents.
    public var undo: String { "echo \(ShellWord(before)) > \(ShellWord(path))" }
  }

  public struct Outcome: Sendable {
    public let findings: [Finding]
    /// The changes; in a dry run, those that would be made. Empty unless CPUs were chosen.
    public internal(set) var changes: [Change] = []
    /// The changes that failed.
    public internal(set) var errors: [AegisError] = []

    /// Commands that restore the previous state.
    public var undo: [String] { changes.filter { $0.action == .pinned }.map(\.undo) }
    public var isChanged: Bool { changes.contains { $0.action == .pinned } }
  }

  /// Reads the current state, and pins if CPUs are given.
  ///
  /// - Throws: `notLoaded` if there is no such interface, or `/sys` does not show it; `badInput` if a CPU cannot be
  ///   used. Later errors are in the outcome.
  public func run(
    _ interface: String, cpus: CPUList? = nil, isDryRun: Bool = false
  ) throws(AegisError) -> Outcome {
    try interfaces(interface).check(interface, in: files)
    let facts = try TuneFacts(interface, cpus: cpus, from: files)
    var outcome = Outcome(findings: TuneChecks(facts: facts, chosen: cpus).findings)
    guard let cpus else { return outcome }
    try TunePlan.check(cpus, on: facts.host)
    var isStopped = false
    for write in TunePlan(facts, cpus: cpus).writes {
      let (change, error) = perform(write, isDryRun: isDryRun, isStopped: isStopped)
      outcome.changes.append(change)
      if let error {
        outcome.errors.append(Self.refusal(of: write, error))
        isStopped = isStopped || !Self.isManaged(write, error)
      }
    }
    return outcome
  }

  private func perform(
    _ write: TunePlan.Write, isDryRun: Bool, isStopped: Bool
  ) -> (Change, SystemError?) {
    let setting = write.setting
    var change = Change(
      subject: setting.subject, path: files.path(setting.path), before: setting.text,
      after: write.text, action: .unchanged)
    if !write.isNeeded { return (change, nil) }
    change.action = isStopped ? .untried : .pinned
    if isStopped || isDryRun { return (change, nil) }
    do throws(SystemError) {
      try files.write(write.text, to: setting.path)
      return (change, nil)
    } catch {
      change.action = .refused
      return (change, error)
    }
  }

  /// Whether the kernel itself manages the affinity of the interrupt; others may still be pinned.
  private static func isManaged(_ write: TunePlan.Write, _ error: SystemError) -> Bool {
    write.setting.form == .list && error.errno == EIO
  }

  private static func refusal(of write: TunePlan.Write, _ error: SystemError) -> AegisError {
    let message = "cannot pin \(write.setting.subject) to \(write.cpus.phrase)"
    if isManaged(write, error) {
      return AegisError(
        .kernelRefused,
        "\(message): the kernel manages the CPUs of this interrupt",
        hint: "boot with isolcpus=managed_irq,CPUS to keep such interrupts off CPUS")
    }
    if error.isPermission {
      return AegisError(
        .notPermitted, "\(message): \(error.reason)",
        hint: "run it as root, with /proc and /sys writable")
    }
    return AegisError(.kernelRefused, "\(message): \(error.reason)")
  }
}
