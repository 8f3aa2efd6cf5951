import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Killed at any moment, apply leaves the verdicts of the two ends, and the same command finishes.
  struct ApplyKillTests {
    private static let always = "192.0.2.9"

    /// Both drop one address, let one flow in whatever else happens, and differ in everything else.
    private static func policies(_ live: Live, size: Int) -> [String] {
      let shared = """
        apiVersion: aegis/v1
        kind: Policy
        spec:
          keys:
          - {key: "\(live.peer):7001/udp", protect: true}

        """
      let keys = (1...20).map { "  - {key: any:\(8000 + $0)/udp, rate: \($0)/s}\n" }.joined()
      let drops = { (from: Int) in
        "  drops:\n  - \(always)\n"
          + (from..<from + size).map { "  - 198.\($0 >> 16 & 255).\($0 >> 8 & 255).\($0 & 255)\n" }
          .joined()
      }
      return [
        shared + keys + "  default: deny\n" + drops(0)
          + "  rates: [{rate: 1M/s}, {rate: 5/s, port: 9/udp}]\n",
        shared + "  - {key: \"any:8001/udp\", protect: true, note: moved}\n  default: allow\n"
          + drops(size / 2) + "  rates: [{rate: 2M/s}, {rate: 6/s, port: 9/udp, total: true}]\n",
      ]
    }

    private func check(_ live: Live, _ comment: Comment) throws {
      #expect(try live.arrives(), comment)
      #expect(try !live.arrives(from: Self.always), comment)
    }

    @Test func atRandomMoments() throws {
      let live = try Live.attached()
      let texts = Self.policies(live, size: 5000)
      let arguments = ["apply", "-f", "-", "--prune", "--force"]
      let start = Date()
      try live.ok(arguments, input: texts[1])
      let time = Date().timeIntervalSince(start)
      for round in 0..<20 {
        let text = texts[round % 2]
        let call = try live.aegis.command(arguments, namespace: live.sandbox.host.namespace)
          .start(input: text)
        let delay = Double.random(in: 0...time)
        Thread.sleep(forTimeInterval: delay)
        call.signal(SIGKILL)
        _ = try call.wait()
        try check(live, "killed after \(delay) s")
        // Every other time something else is wanted after the kill.
        let next = texts[(round + (round % 4 < 2 ? 0 : 1)) % 2]
        try live.ok(arguments, input: next)
        let diff = try live.run(["diff", "-f", "-", "--prune"], input: next)
        #expect(diff.status == 0, "killed after \(delay) s: \(diff.output)")
        try check(live, "finished")
      }
    }
  }
}
