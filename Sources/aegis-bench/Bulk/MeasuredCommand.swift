import Linux

/// What a command took, from fork to exit.
///
/// A process that is started is charged with the memory of the one that starts it, and this one has large lists. So a
/// new process of this program starts the command and tells what it took.
struct MeasuredCommand {
  let seconds: Double
  /// Processor time, which other processes on the machine do not affect.
  let processorSeconds: Double
  /// In bytes; not less than what the small process takes.
  let peakMemory: UInt64

  private static let word = "measure-command"

  init(_ command: [String]) throws {
    guard let program = Shell.program else {
      throw Shell.Failure(command: command[0], output: "this program cannot be started again")
    }
    let words = ([program, Self.word] + command).map { "'\($0)'" }
    let output = try Shell.run(words.joined(separator: " "))
    let figures = output.split(separator: "\n").last?.split(separator: " ") ?? []
    guard figures.count == 4, let status = CInt(figures[0]), let seconds = Double(figures[1]),
      let processorSeconds = Double(figures[2]), let peakMemory = UInt64(figures[3])
    else { throw Shell.Failure(command: command[0], output: output) }
    if status != 0 { throw Shell.Failure(command: command[0], output: output) }
    (self.seconds, self.processorSeconds) = (seconds, processorSeconds)
    self.peakMemory = peakMemory
  }

  /// Does what the small process is for; false if this is not one.
  static func tell() throws -> Bool {
    guard CommandLine.arguments.dropFirst().first == word else { return false }
    let began = Clock.monotonic()
    let outcome = try ChildProcess.measure(Array(CommandLine.arguments.dropFirst(2)))
    let seconds = Double(Clock.monotonic() - began) / 1e9
    print(outcome.status, seconds, outcome.seconds, outcome.peakMemory)
    return true
  }
}
