import Aegis
import ArgumentParser
import Glibc

@main
struct Main {
  static func main() {
    StandardStreams.open()
    Notice.handler = { StandardError.write("note: \(SuggestedCommand.text($0))\n") }
    let arguments = Arguments.read()
    FailureReport.prepare(arguments)
    var verb: any ParsableCommand.Type = Aegisctl.self
    do {
      var command = try CommandWords.command(arguments)
      verb = type(of: command)
      try command.run()
    } catch {
      exit(report(error, of: verb))
    }
  }

  /// - Returns: The exit status.
  private static func report(_ error: any Error, of verb: any ParsableCommand.Type) -> CInt {
    switch error {
    case let failure as Failures:
      failure.errors.forEach(FailureReport.write)
      return failure.errors.first?.kind.rawValue ?? EXIT_FAILURE
    case let error as AegisError:
      FailureReport.write(error)
      return error.kind.rawValue
    case let error as OutputError: return report(AegisError(.failed, "\(error)"), of: verb)
    case let error as ValidationError: return report(Misuse.error(error.message, verb), of: verb)
    case let code as ExitCode: return code.rawValue
    default:
      if Aegisctl.exitCode(for: error) == .success { Aegisctl.exit(withError: error) }
      return report(Misuse.error(Aegisctl.message(for: error), verb), of: verb)
    }
  }
}

/// Errors of a command that handled several arguments; the first gives the exit status.
struct Failures: Error {
  let errors: [AegisError]

  /// Throws the errors, if there are any.
  static func check(_ errors: [AegisError]) throws {
    if !errors.isEmpty { throw Failures(errors: errors) }
  }
}
