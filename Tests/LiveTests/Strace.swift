import Foundation
import TestSupport
import Testing

/// A system call of a recorded run, to be disturbed in another.
struct SystemCall: Sendable, CustomStringConvertible {
  let name: String
  /// Counted among those of its name, from 1.
  let number: Int
  let text: String

  var description: String { "\(name)() number \(number): \(text.prefix(160))" }

  /// Whether a death at it could be told from one at the call before or after.
  var changesSomething: Bool {
    [
      "bpf", "mkdir", "symlink", "rename", "renameat2", "unlink", "unlinkat", "rmdir", "flock",
    ].contains(name)
  }
}

enum Strace {
  static let isPresent = Tool.isExpected("strace")

  /// What is not to fail is memory, for which Swift has no errors, and to close.
  static let disturbable = [
    "bpf", "openat", "openat2", "mkdir", "symlink", "rename", "renameat2", "unlink", "unlinkat",
    "rmdir", "flock",
    "socket", "bind",
    "sendto", "recvfrom", "setsockopt", "ioctl", "fcntl", "dup3", "readlink", "readlinkat",
    "statfs", "fstatfs",
    "newfstatat",
    "getdents64", "read", "faccessat2", "write",
  ]

  /// Runs a command that must succeed and tells what it asked of the kernel from the first call about `path` on:
  /// what comes before are the linker's and the runtime's.
  static func record(
    _ command: Command, input: String? = nil, from path: String
  ) throws -> [SystemCall] {
    let file = "/dev/shm/aegis-test-\(RandomName.hex(12))"
    defer { try? FileManager.default.removeItem(atPath: file) }
    let words = [
      "-f", "--seccomp-bpf", "-o", file, "-e", "trace=" + disturbable.joined(separator: ","),
    ]
    let outcome = try run(command, input: input, words)
    guard outcome.status == 0 else { throw SupportError("\(command.arguments): \(outcome)") }
    var numbers: [String: Int] = [:]
    var calls: [SystemCall] = []
    for line in try String(contentsOfFile: file, encoding: .utf8).split(separator: "\n") {
      let text = line.drop { $0.isNumber || $0 == " " }
      guard let name = text.firstIndex(of: "(").map({ String(text[..<$0]) }) else { continue }
      numbers[name, default: 0] += 1
      if calls.isEmpty, !text.contains(path) { continue }
      calls.append(SystemCall(name: name, number: numbers[name] ?? 0, text: String(text)))
    }
    return calls
  }

  /// Runs a command of which one call meets something: `error=ENOMEM` or `signal=SIGKILL`.
  static func run(
    _ command: Command, input: String? = nil, _ event: String, at call: SystemCall
  ) throws -> Outcome {
    let injection = "inject=\(call.name):\(event):when=\(call.number)"
    // Signals are lost on the quick way.
    let way = event.hasPrefix("signal") ? [] : ["-f", "--seccomp-bpf"]
    return try run(
      command, input: input,
      way + ["-o", "/dev/null", "-e", "trace=\(call.name)", "-e", injection])
  }

  private static func run(
    _ command: Command, input: String?, _ words: [String]
  ) throws -> Outcome {
    try Command(
      ["strace", "-qq"] + words + command.arguments,
      environment: command.environment, namespace: command.namespace
    ).run(input: input, timeout: 20)
  }
}

/// Which of many cases are tried: all with AEGIS_EXHAUSTIVE=1 in the environment, which takes an hour or two and is
/// for whoever changes the order of what Aegis does; otherwise a few, spread over all of them and others each
/// time. AEGIS_SEED=N takes those of a run that failed.
struct Sample {
  static let isExhaustive = ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
  static let givenSeed = ProcessInfo.processInfo.environment["AEGIS_SEED"].flatMap { UInt64($0) }

  let seed: UInt64
  private var state: UInt64

  init() {
    seed = Self.givenSeed ?? .random(in: 0..<1_000_000)
    state = seed
  }

  mutating func number(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }

  /// So many of them, one from each of as many equal stretches.
  mutating func of<Case>(_ all: [Case], _ count: Int) -> [Case] {
    if Self.isExhaustive || all.count <= count { return all }
    return (0..<count).map { stretch in
      let (start, end) = (stretch * all.count / count, (stretch + 1) * all.count / count)
      return all[start + number(below: end - start)]
    }
  }
}
