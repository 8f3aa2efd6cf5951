import Foundation
import TestSupport
import Testing

/// Standard streams that are closed, full or read by nobody.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct StreamTests {
  private func run(
    _ script: String, _ arguments: [String], _ instance: Aegisctl, namespace: String? = nil
  ) throws -> Outcome {
    let tool = instance.command(arguments, namespace: namespace)
    return try Command(
      ["sh", "-c", script, "sh"] + tool.arguments, environment: tool.environment,
      namespace: namespace
    ).run()
  }

  /// A supervisor starts programs so: a file that is opened then takes the number of a stream.
  @Test(arguments: ["<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
  func aCaptureStaysWhole(_ closed: String) throws {
    try TemporaryDirectory.with { directory in
      try OwnNamespace.with { namespace in
        try Loaded.fresh { instance in
          try instance.run(["attach", "lo"], namespace: namespace)
          let file = directory.path + "/out.pcapng"
          let script = "ping -q -c 8 -i 0.1 127.0.0.1 >/dev/null & exec \"$@\" \(closed)"
          let outcome = try run(
            script, ["events", "--for", "1s", "--pcap", file], instance, namespace: namespace)
          #expect(outcome.status == 0, "\(outcome)")
          let read = try Command(["tcpdump", "-nn", "-r", file]).run()
          #expect(read.status == 0, "\(read)")
          #expect(read.output.contains("ICMP echo request"), "\(read)")
          let bytes = try Data(contentsOf: URL(filePath: file))
          #expect(bytes.range(of: Data("INTERFACE".utf8)) == nil)
          #expect(bytes.range(of: Data("events of".utf8)) == nil)
        }
      }
    }
  }

  @Test(arguments: [
    ["drop-ip", "192.0.2.1"], ["set-rate", "5/s"], ["apply", "-f", PolicySample.path],
  ])
  func aChangeThatCannotBeToldWasMade(_ command: [String]) throws {
    try Loaded.fresh { instance in
      let said = "; the change was made nevertheless\n"
      Refusal.check(
        try run("exec \"$@\" >/dev/full", command, instance), 1,
        "cannot write to standard output: No space left on device" + said)
      let piped = try run("(sleep 0.2; exec \"$@\"; echo $? >&2) | true", command, instance)
      #expect(
        piped.error.hasPrefix("aegisctl: cannot write to standard output: Broken pipe" + said))
      let dry = try run("exec \"$@\" >/dev/full", command + ["--dry-run"], instance)
      Refusal.check(dry, 1, "cannot write to standard output: No space left on device\n")
    }
  }

  @Test func aChangeIsMadeWithoutStreams() throws {
    try Loaded.fresh { instance in
      let outcome = try run("exec \"$@\" <&- >&- 2>&-", ["drop-ip", "192.0.2.1"], instance)
      #expect(outcome.status == 0)
      let drops = try instance.run(["dump", "drops", "-o", "name"]).output
      #expect(drops == "192.0.2.1\n")
    }
  }
}
