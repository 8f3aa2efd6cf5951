import Aegis
import ArgumentParser
import Glibc

@main
struct Main {
  static func main() {
    Notice.handler = { StandardError.write("note: \($0)\n") }
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      if try EntryRequest.runQuickly(arguments) { return }
      var command = try parse(arguments)
      try command.run()
    } catch let failure as Failures {
      failure.errors.forEach(report)
      exit(failure.errors.first?.kind.rawValue ?? EXIT_FAILURE)
    } catch let error as AegisError {
      report(error)
      exit(error.kind.rawValue)
    } catch let error as OutputError {
      report(AegisError(.failed, "\(error)"))
      exit(EXIT_FAILURE)
    } catch {
      let code = Aegisctl.exitCode(for: error)
      if code == .success { Aegisctl.exit(withError: error) }
      // By our own way out: it may quote what could steer a terminal.
      let message = Aegisctl.fullMessage(for: error)
      if !message.isEmpty { StandardError.write(message + "\n") }
      exit(code.rawValue)
    }
  }

  /// Parses as the root command does, but goes straight to a verb that is named first: building the whole
  /// tree takes longer than the verb itself. What is wrong is then said by the root, which knows the path.
  private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
    if let name = arguments.first, let verb = Aegisctl.verb(named: name),
      let command = try? verb.parse(Array(arguments.dropFirst()))
    {
      return command
    }
    return try Aegisctl.parseAsRoot(arguments)
  }

  private static func report(_ error: AegisError) {
    StandardError.write("aegisctl: \(error.message)\n")
    if let hint = error.hint { StandardError.write("hint: \(hint)\n") }
    if Verbosity.isVerbose, !error.log.isEmpty { StandardError.write(error.log + "\n") }
  }
}

/// Several arguments were tried, and these went wrong; the first gives the exit status.
struct Failures: Error {
  let errors: [AegisError]

  /// Throws what there is, if there is anything.
  static func check(_ errors: [AegisError]) throws {
    if !errors.isEmpty { throw Failures(errors: errors) }
  }
}
