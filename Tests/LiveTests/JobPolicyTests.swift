import Foundation
import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  /// The policies in docs/policies: their cases hold without a kernel, and for frames that come in by an interface.
  struct JobPolicyTests {
    private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/policies")

    private static let jobs: [String] = {
      let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
      return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    private static func path(_ job: String, _ suffix: String) -> String {
      directory.appending(path: "\(job).\(suffix)").path
    }

    @Test func thereAreFive() { #expect(Self.jobs.count == 5, "\(Self.jobs)") }

    @Test(arguments: jobs)
    func casesHold(_ job: String) throws {
      let outcome = try Command([
        BuiltBinary.path("aegisctl"), "test", Self.path(job, "yaml"), "--cases",
        Self.path(job, "cases"),
      ]).run()
      #expect(outcome.status == 0, "\(outcome.output)\(outcome.error)")
    }

    @Test(arguments: jobs)
    func framesGetTheirVerdicts(_ job: String) throws {
      // Without IPv6 the kernel itself sends nothing that a key for ICMPv6 lets in; the program sees frames all the same.
      let live = Live(try Sandbox())
      try live.ok(["load"])
      let veth = try VethPair(live.sandbox, number: 0)
      try live.ok(["attach", veth.interface])
      // Nobody is logged in from here, and nothing is to be guarded.
      try live.ok(["apply", "-f", Self.path(job, "yaml"), "--force"])
      let sender = try live.sandbox.frameSender()
      let cases = try Self.cases(job)
      #expect(cases.count > 5)
      // No socket of this host waits for a frame.
      for one in cases where one.query.header.socket == .none {
        // Each is the first packet of its source, as in the other test.
        try live.ok(["set-rate", "--reset"])
        let before = try live.stats(veth.interface)
        try sender.send([one.query.frame])
        let reason = "\(one.verdict).\(one.reason)"
        let deadline = Date(timeIntervalSinceNow: 5)
        var after = try live.stats(veth.interface)
        while after[reason] == before[reason], Date() < deadline {
          Thread.sleep(forTimeInterval: 0.002)
          after = try live.stats(veth.interface)
        }
        #expect(after[reason] == before[reason] + 1, "\(job): \(one.line)")
      }
      try live.ok(["diff", "-f", Self.path(job, "yaml"), "--prune"])
    }

    private struct Case {
      let line: String
      let query: PacketQuery
      let verdict: String
      let reason: String
    }

    private static func cases(_ job: String) throws -> [Case] {
      let text = try String(contentsOfFile: path(job, "cases"), encoding: .utf8)
      return try text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
        let halves = line.components(separatedBy: ": ")
        let words = halves[0].split(separator: " ").map(String.init)
        var fields: [String: String] = [:]
        for place in stride(from: 0, to: words.count, by: 2) {
          fields[words[place]] = words[place + 1]
        }
        var query = try PacketQuery(source: fields["from"] ?? "", to: fields["to"])
        if let length = fields["length"].flatMap(Int.init) { query.length = length }
        for selector in PacketHeader.selectors {
          if let text = fields[selector.word] { try query.header.set(selector, to: text) }
        }
        let expected = halves[1].split(separator: " ").map(String.init)
        return Case(line: String(line), query: query, verdict: expected[0], reason: expected[1])
      }
    }
  }
}
