public import Linux

/// What went wrong, for whom it happened to: one line, what to do about it and an exit status.
public struct AegisError: Error, Sendable {
  /// The kinds of failure scripts tell apart; the raw value is the exit status (sysexits.h where it fits).
  public enum Kind: Int32, Sendable, CaseIterable {
    case failed = 1
    case usage = 64
    case badInput = 65
    case notLoaded = 69
    case kernelRefused = 71
    case interfaceTaken = 73
    case timedOut = 75
    case notPermitted = 77
    case otherLayout = 78
    case wouldLockOut = 79
  }

  public let kind: Kind
  /// One line without a full stop: `cannot attach to eth0: …`.
  public let message: String
  /// What to do, where that is known; often a command.
  public let hint: String?
  /// What the verifier, libbpf or the driver said; empty if nothing.
  public let log: String
  /// What programs tell failures apart by, more finely than by the exit status.
  public var code: Code
  /// What the message is about, where that is known.
  public var subject = Subject()

  public init(_ kind: Kind, _ message: String, hint: String? = nil, log: String = "") {
    self.kind = kind
    self.message = message
    self.hint = hint
    self.log = log
    code = kind.code
  }
}

extension AegisError {
  /// A step the kernel refused: not permitted, or refused for its own reason.
  public init(_ error: SystemError) {
    if error.isPermission {
      self.init(
        .notPermitted, error.description, hint: Privilege.hint(about: error.subject), log: error.log
      )
    } else if let damage = Damage(error) {
      self = damage.error
    } else {
      let remedy =
        error.isReadOnly
        ? "mount -o remount,rw \(FileSystem.mountPoint(of: error.subject))" : error.lastLine
      self.init(.kernelRefused, error.description, hint: remedy, log: error.log)
    }
  }

  /// Bad input on the command line.
  ///
  /// - Parameter option: Whose value it is, such as `--ttl`; an argument has none.
  public init(_ error: InputError, of option: String? = nil) {
    let place = option.map { "\($0) " } ?? ""
    self.init(.badInput, place + error.description, hint: error.hint)
    subject = Subject(field: option, value: error.input)
  }

  /// An interface whose packets do not go through the datapath.
  public static func notAttached(_ interface: String) -> AegisError {
    var error =
      Interface.all().contains { $0.name == interface }
      ? AegisError(
        .notLoaded, "\(interface) is not attached",
        hint: "aegisctl attach \(ShellWord(interface))")
      : Interfaces.noInterface(interface)
    error.code = .notAttached
    error.subject.value = interface
    return error
  }

  static func notPermitted(_ message: String, log: String = "") -> AegisError {
    AegisError(.notPermitted, message, hint: Privilege.hint(), log: log)
  }
}

/// Turns the kernel's refusals into this layer's errors.
public func kernel<Result: ~Copyable>(
  _ body: () throws(SystemError) -> Result
) throws(AegisError) -> Result {
  do {
    return try body()
  } catch {
    throw AegisError(error)
  }
}
