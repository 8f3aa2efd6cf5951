internal import Foundation
internal import Glibc

/// A command to run, in a network namespace if one is named.
public struct Command: Sendable {
  public let arguments: [String]
  /// Changes to this process's environment; nil removes.
  public var environment: [String: String?]
  /// The name of a network namespace. The mounts stay those of this process, bpffs among them.
  public var namespace: String?

  public init(
    _ arguments: [String], environment: [String: String?] = [:], namespace: String? = nil
  ) {
    self.arguments = arguments
    self.environment = environment
    self.namespace = namespace
  }

  /// Runs it to its end, or kills it when the time is over.
  @discardableResult
  public func run(input: String? = nil, timeout: Double = 60) throws -> Outcome {
    try start(input: input).wait(timeout: timeout)
  }

  /// Runs it and throws unless it exits 0; returns what it printed.
  @discardableResult
  public func succeed() throws -> String {
    let outcome = try run()
    guard outcome.status == 0 else {
      throw SupportError(
        "\(arguments.joined(separator: " ")): status \(outcome.status): \(outcome.error)")
    }
    return outcome.output
  }

  public func start(input: String? = nil) throws -> RunningCommand {
    let entering = namespace.map { ["nsenter", "--net=/run/netns/\($0)"] } ?? []
    let words = entering + arguments
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in environment { variables[name] = value }
    return try RunningCommand(words, variables, input: input ?? "")
  }
}

/// A command that was started. What it prints goes to memory, so that nothing can block it.
public final class RunningCommand: Sendable {
  private let child: Child
  private let output: FileHandle
  private let error: FileHandle
  private let words: [String]

  init(_ words: [String], _ environment: [String: String], input: String) throws {
    self.words = words
    output = Self.memory()
    error = Self.memory()
    let given = Self.memory()
    try given.write(contentsOf: Data(input.utf8))
    try given.seek(toOffset: 0)
    child = try Child(
      ["/usr/bin/env", "--"] + words, environment: environment,
      streams: [given, output, error].map(\.fileDescriptor))
    try given.close()
  }

  private static func memory() -> FileHandle {
    var path = Array("/dev/shm/aegis-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&path)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    unlink(path)
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  public var pid: Int32 { child.pid }

  public func signal(_ number: Int32) { child.signal(number) }

  /// - Throws: If it had to be killed.
  public func wait(timeout: Double = 60) throws -> Outcome {
    var status = child.wait(until: .now() + timeout)
    let isOver = status != nil
    if !isOver {
      signal(SIGKILL)
      status = child.wait(until: .distantFuture)
    }
    let outcome = Outcome(
      status: status ?? 0, output: try Self.text(output),
      error: try Self.text(error))
    // Now: a suite runs thousands of commands, and what is freed when it may be adds up.
    try output.close()
    try error.close()
    guard isOver else {
      throw SupportError("\(words.joined(separator: " ")): not done in \(timeout) s: \(outcome)")
    }
    return outcome
  }

  private static func text(_ file: FileHandle) throws -> String {
    try file.seek(toOffset: 0)
    return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
  }
}
