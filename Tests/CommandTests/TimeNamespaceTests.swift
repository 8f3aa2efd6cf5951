import TestSupport
import Testing

/// The datapath reads the kernel's clocks, whatever those of a process are shifted by.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct TimeNamespaceTests {
  private func shifted(
    _ seconds: Int, _ instance: Aegisctl, _ arguments: [String]
  ) throws -> Outcome {
    let tool = instance.command(arguments)
    let words = ["unshare", "--time", "--fork", "--boottime", "\(seconds)", "--monotonic", "7777"]
    return try Command(words + tool.arguments, environment: tool.environment).run()
  }

  @Test(arguments: [1_000_000, -60])
  func lifetimesAreTheKernels(_ seconds: Int) throws {
    try Loaded.fresh { instance in
      #expect(
        try shifted(seconds, instance, ["drop-ip", "192.0.2.1", "--ttl", "100s"]).status == 0)
      #expect(
        try shifted(
          seconds, instance, ["allow-key", "192.0.2.1:1/udp", "--ttl", "100s"]
        ).status == 0)
      for dump in [
        try instance.run(["dump", "-o", "json"]),
        try shifted(seconds, instance, ["dump", "-o", "json"]),
      ] {
        for list in ["drops", "keys"] {
          let left = try dump.json[list][0]["remainingMilliseconds"].int ?? 0
          #expect((70_000...100_000).contains(left), "\(dump)")
        }
      }
    }
  }

  @Test(arguments: [1_000_000, -60])
  func deadlinesAreTheKernels(_ seconds: Int) throws {
    try Loaded.fresh { instance in
      let apply = ["apply", "-f", "-", "--confirm-within", "100s"]
      let tool = instance.command(apply)
      let words = ["unshare", "--time", "--fork", "--boottime", "\(seconds)"]
      let policy = "apiVersion: aegis/v1\nkind: Policy\nspec: {drops: [192.0.2.1]}\n"
      let outcome = try Command(words + tool.arguments, environment: tool.environment)
        .run(input: policy)
      #expect(outcome.status == 0, "\(outcome)")
      let status = try instance.run(["status", "-o", "json"]).json
      #expect((70...100).contains(Int(status["secondsToConfirm"].double ?? 0)), "\(status)")
    }
  }
}
