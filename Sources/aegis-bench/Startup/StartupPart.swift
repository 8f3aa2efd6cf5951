import Aegis
import Glibc
import Linux

/// The cost of one call for tools like fail2ban: the whole process, from fork to exit.
enum StartupPart {
  private static let calls = 100

  static func run(in lab: Lab, _ effort: Effort) throws -> Report.Part {
    let start = Machine.Times()
    var part = Report.Part("startup")
    guard let tool = Shell.aegisctl else {
      part.notes = ["aegisctl is not beside this program: build it too"]
      return part
    }
    let root = lab.pinPath()
    _ = try ChildProcess.run([tool, "load", "-q", "--pin-root", root])
    defer { _ = try? ChildProcess.run([tool, "unload", "--force", "-q", "--pin-root", root]) }

    var contenders = Call.verbs(tool, root: root)
    var standard = contenders[0]
    if Shell.has("nft") {
      try Shell.run("nft add table inet bench; nft add set inet bench s '{ type ipv4_addr; }'")
      contenders.append(.nft)
      standard = .nft
    }
    if Shell.has("bpftool") { contenders.append(.bpftool(root: root)) }
    let times = try silently { try race(contenders) }
    part.tables = [table(zip(contenders.map(\.name), times), beside: standard.name)]
    part.notes = Machine.disturbance(since: start, baseline: [])
    return part
  }

  /// The milliseconds of each call, for each contender.
  private static func race(_ contenders: [Call]) throws -> [[Double]] {
    var times = [[Double]](repeating: [], count: contenders.count)
    for call in 0..<calls {
      for (index, contender) in contenders.enumerated() {
        let began = Clock.monotonic()
        let status = try ChildProcess.run(contender.words(call))
        times[index].append(Double(Clock.monotonic() - began) / 1e6)
        if status != 0 { throw Shell.Failure(command: contender.name, output: "status \(status)") }
      }
    }
    return times
  }

  private static func table(
    _ figures: some Sequence<(String, [Double])>, beside standard: String
  ) -> Table {
    let figures = Array(figures)
    let base = figures.first { $0.0 == standard }?.1.median ?? .nan
    var table = Table(
      "One call, the whole process, median of \(calls) side by side, beside \(standard)",
      [.init("command", "COMMAND"), .init("milliseconds", "MS"), .init("ratio", "RATIO")])
    for (name, times) in figures {
      table.add([
        .text(name), .number(times.median, decimals: 2),
        .number(times.median / base, decimals: 2),
      ])
    }
    return table
  }

  /// Discards the output of the calls, so that none waits for a terminal.
  private static func silently<Result>(_ body: () throws -> Result) throws -> Result {
    fflush(nil)
    let output = dup(STDOUT_FILENO)
    let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
    dup2(nothing, STDOUT_FILENO)
    close(nothing)
    defer {
      dup2(output, STDOUT_FILENO)
      close(output)
    }
    return try body()
  }
}
