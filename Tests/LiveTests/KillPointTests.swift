import Foundation
import TestSupport
import Testing

enum Strace {
  /// In CI a machine without it is to fail, not to skip.
  static let isPresent =
    FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
    || ProcessInfo.processInfo.environment["CI"] == "true"
}

extension Kernel {
  /// Calls that die on entering each of their bpf() calls in turn, which no random moment hits reliably.
  @Suite(.enabled(if: Strace.isPresent, "needs strace, to kill at a system call"))
  struct KillPointTests {
    /// Returns whether it died; once it does not, all its calls have been tried.
    private func kill(_ arguments: [String], at point: Int, _ live: Live) throws -> Bool {
      let call = live.aegis.command(arguments, namespace: live.sandbox.host.namespace)
      let words = [
        "strace", "-qq", "-o", "/dev/null", "-e", "trace=bpf", "-e",
        "inject=bpf:signal=SIGKILL:when=\(point)",
      ]
      let outcome = try Command(
        words + call.arguments, environment: call.environment, namespace: call.namespace
      ).run()
      return outcome.status == 9 || outcome.status == 128 + 9
    }

    @Test func attaching() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      var point = 1
      while try kill(["attach", live.interface], at: point, live) {
        for link in try live.ok(["dump", "links"])["links"].array {
          #expect(link["mode"].string == "native", "killed at bpf() number \(point)")
        }
        let next = try live.ok(["attach", live.interface])
        #expect(next["items"][0]["mode"].string == "native", "killed at bpf() number \(point)")
        #expect(try live.names("links").count == 1)
        // Anew, for what an earlier attach left would hide what this one did not come to do.
        try live.ok(["unload", "--force"])
        try live.ok(["load"])
        point += 1
        try #require(point < 200)
      }
      #expect(point > 5)
    }

    @Test func detaching() throws {
      let live = try Live.attached()
      var point = 1
      while try kill(["detach", live.interface], at: point, live) {
        _ = try live.ok(["detach", live.interface])
        #expect(try live.names("links").isEmpty)
        try live.ok(["attach", live.interface])
        point += 1
        try #require(point < 200)
      }
      #expect(point > 3)
    }

    @Test func replacing() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.9"])
      var point = 1
      while try kill(["load", "--replace", "--max-drops", "\(1000 + point)"], at: point, live) {
        #expect(try !live.arrives(from: "192.0.2.9"), "killed at bpf() number \(point)")
        // Any other call finishes or undoes it.
        try live.ok(["set-rate", "off"])
        #expect(try live.names().filter { $0.hasPrefix("gen") }.count <= 2)
        #expect(try !live.names().contains("moving"))
        let links = try live.ok(["dump", "links"])["links"]
        let program = try live.sandbox.run(
          in: .host,
          ["bpftool", "-j", "prog", "show", "pinned", live.aegis.root + "/current/aegis"])
        #expect(try links[0]["program"].int == program.json["id"].int, "at \(point)")
        #expect(try live.ok(["dump", "drops"])["drops"].array.count == 1)
        point += Int.random(in: 2...7)
        try #require(point < 1000)
      }
      #expect(point > 50)
    }
  }
}
