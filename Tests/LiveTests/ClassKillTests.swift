import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What a killed call leaves of classes and countries, before anybody runs it again.
  @Suite(.enabled(if: Strace.isPresent, "needs strace, to kill at a system call"))
  struct ClassKillTests {
    private static let steps = 30

    private static func ranges(_ code: String) -> String {
      "192.0.2.0,192.0.2.255,\(code)\n2001:db8:1::,2001:db8:1::ffff,\(code)\n"
    }

    private static func policy(_ domestic: String, _ suspicious: String) -> String {
      """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        rates: [{rate: 10/h, burst: 3, class: domestic}, {rate: 10/h, burst: 5, class: suspicious}]
        classes:
        - {name: domestic, countries: [\(domestic)]}
        - {name: suspicious, countries: [\(suspicious)], prefixes: [203.0.113.0/24]}

      """
    }

    /// Kills a call at several of its steps. The class is one of these after each, and repair has nothing to do that
    /// the next call would not do.
    private func check(
      _ live: Live, _ arguments: [String], input: String?, undo: () throws -> Void
    ) throws {
      func origin() throws -> String? {
        let country = try live.ok(["why", "192.0.2.1"])["origin"]["class"].string
        #expect(try live.ok(["why", "2001:db8:1::1"])["origin"]["class"].string == country)
        #expect(try live.ok(["why", "203.0.113.1"])["origin"]["class"].string == "suspicious")
        return country
      }
      let command = live.aegis.command(arguments, namespace: live.sandbox.host.namespace)
      #expect(try origin() == "domestic")
      let calls = try Strace.record(command, input: input, from: live.aegis.root)
        .filter { call in
          call.changesSomething
            && (call.name != "bpf" || call.text.contains("UPDATE") || call.text.contains("DELETE"))
        }
      #expect(try origin() == "suspicious")
      try undo()
      var sample = Sample()
      var seen: Set<String?> = []
      var host = 0
      for call in sample.of(calls, Self.steps) {
        let comment: Comment = "killed at \(call), seed \(sample.seed)"
        let outcome = try Strace.run(command, input: input, "signal=SIGKILL", at: call)
        try #require([0, 9, 128 + 9].contains(outcome.status), "\(comment): \(outcome)")
        let left = try origin()
        #expect(left == "domestic" || left == "suspicious", comment)
        seen.insert(left)
        // By packets, and by the rate of the class that was told.
        host += 1
        let source = "192.0.2.\(100 + host)"
        #expect(try live.passes(9, from: source) == (left == "domestic" ? 3 : 5), comment)
        let repaired = try live.run(["repair", "-o", "json"])
        #expect(repaired.status == 0, "\(comment): \(repaired)")
        #expect(try live.names("geo").map { $0.dropFirst() } == ["v4", "v6"], comment)
        #expect(try origin() == left, comment)
        #expect(try live.ok(["repair"])["changed"].bool == false, comment)
        try live.ok(arguments, input: input)
        #expect(try origin() == "suspicious", comment)
        try undo()
        #expect(try origin() == "domestic", comment)
      }
      #expect(seen == ["domestic", "suspicious"])
    }

    @Test(
      "set-geo, killed at each step: the table before or the new one, and repair clears the rest")
    func geo() throws {
      let live = try Live.attached()
      let load = ["set-geo", "/dev/stdin"]
      try live.ok(load, input: Self.ranges("DE"))
      try live.ok(["apply", "-f", "-", "--force"], input: Self.policy("DE", "KP"))
      try check(live, load, input: Self.ranges("KP")) {
        try live.ok(load, input: Self.ranges("DE"))
      }
    }

    @Test("apply that moves countries to other classes, killed at each step: all moved or none")
    func apply() throws {
      let live = try Live.attached()
      let declare = ["apply", "-f", "-", "--prune", "--force"]
      try live.ok(["set-geo", "/dev/stdin"], input: Self.ranges("DE"))
      try live.ok(declare, input: Self.policy("DE", "KP"))
      try check(live, declare, input: Self.policy("KP", "DE")) {
        try live.ok(declare, input: Self.policy("DE", "KP"))
      }
    }
  }
}
