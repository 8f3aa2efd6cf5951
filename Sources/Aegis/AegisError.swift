public import Linux

/// An error for the user: one line, what to do about it and an exit status.
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
  /// What to do, if known; often a command.
  public let hint: String?
  /// The message of the verifier, libbpf or the driver; empty if there is none.
  public let log: String
  /// The code by which programs distinguish errors, more specific than the exit status.
  public var code: Code
  /// The subject of the message, if known.
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
  /// An operation that the kernel refused, for lack of permission or for another reason.
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
  /// - Parameter option: The option that the value belongs to, such as `--ttl`; nil for an argument.
  public init(_ error: InputError, of option: String? = nil) {
    let place = option.map { "\($0) " } ?? ""
    self.init(.badInput, place + error.description, hint: error.hint)
    subject = Subject(field: option, value: error.input)
  }

  static func noClass(_ name: ClassName) -> AegisError {
    AegisError(
      .badInput, "there is no class \(name)",
      hint: "define it: aegisctl set-class \(name) --country DE")
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
