import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Calls of which one system call fails, each in turn.
  @Suite(.enabled(if: Strace.isPresent, "needs strace, to make a system call fail"))
  struct RefusalTests {
    private static let errors = ["ENOMEM", "EPERM", "EBUSY", "ENOSPC", "EINTR", "E2BIG"]

    private struct Case {
      let call: SystemCall
      let error: String
    }

    @Test(
      "each system call fails in turn: done, or said what went wrong, and nothing in between",
      arguments: DisturbedVerb.all)
    func everyCall(of verb: DisturbedVerb) throws {
      let live = try verb.prepared()
      let before = try Picture(of: live)
      let calls = try Strace.record(
        verb.command(live), input: verb.input, from: live.aegis.root)
      let after = try Picture(of: live)
      #expect(after != before)
      checkDescriptors(calls)
      try verb.undo(live)
      let restored = try Picture(of: live)
      try #require(restored == before, "\(restored)\n\(before)")

      var sample = Sample()
      let perVerb = verb.isSlow ? 3 : 6
      var cases = sample.of(calls, perVerb).flatMap { call in
        Self.errors.map { Case(call: call, error: $0) }
      }
      if !Sample.isExhaustive {
        cases = stride(from: 0, to: cases.count, by: Self.errors.count).map {
          cases[$0 + sample.number(below: Self.errors.count)]
        }
      }
      var harmless = 0
      for one in cases {
        let comment: Comment = "\(verb.name), \(one.error) of \(one.call), seed \(sample.seed)"
        if try disturb(verb, one, live, before, after, comment) { harmless += 1 }
      }
      print(
        "\(verb.name): \(cases.count) of \(calls.count * Self.errors.count), \(harmless) harmless")
    }

    /// Returns whether the call was done all the same.
    private func disturb(
      _ verb: DisturbedVerb, _ one: Case, _ live: Live, _ before: Picture, _ after: Picture,
      _ comment: Comment
    ) throws -> Bool {
      let outcome = try Strace.run(
        verb.command(live), input: verb.input, "error=\(one.error)", at: one.call)
      let left = try Picture(of: live)
      if outcome.status == 0 {
        let isGeneric = outcome.error.contains("runs in generic mode")
        #expect(left == (isGeneric ? after.inGenericMode : after), "\(comment): \(outcome)")
      } else {
        #expect(Self.statuses.contains(outcome.status), "\(comment): \(outcome)")
        #expect(Self.isExplained(outcome.error), "\(comment): \(outcome)")
        if left != before {
          try finish(verb, live, left, before, after, comment)
        } else if !verb.isSlow, verb.isRepeatable {
          let again = try verb.command(live).run(input: verb.input)
          #expect(again.status == 0, "\(comment), again: \(again)")
          #expect(try Picture(of: live) == after, comment)
        }
      }
      if try Picture(of: live) != before { try verb.undo(live) }
      let restored = try Picture(of: live)
      try #require(restored == before, comment)
      return outcome.status == 0
    }

    private func finish(
      _ verb: DisturbedVerb, _ live: Live, _ left: Picture, _ before: Picture, _ after: Picture,
      _ comment: Comment
    ) throws {
      #expect(left.strayRates == 0, comment)
      // It was done, and only the telling of it went wrong.
      if left == after { return }
      let again = try verb.command(live).run(input: verb.input)
      let finished = try Picture(of: live)
      let isEither = !verb.isRepeatable && finished == before
      #expect(finished == after || isEither, "\(comment), again: \(again)")
      #expect(again.status == 0 || !verb.isRepeatable, "\(comment), again: \(again)")
    }

    private static let statuses: Set<Int32> = [1, 64, 65, 69, 71, 73, 75, 77, 78, 79]

    /// "aegisctl: cannot look up in config: Out of memory", perhaps after notes, perhaps with a hint after it.
    private static func isExplained(_ text: String) -> Bool {
      text.split(separator: "\n").contains { line in
        line.hasPrefix("aegisctl: ") && line.count > 25
      }
    }

    /// What is run from here, now or some day, inherits nothing.
    private func checkDescriptors(_ calls: [SystemCall]) {
      for call in calls {
        switch call.name {
        case "openat", "dup3", "socket": #expect(call.text.contains("_CLOEXEC"), "\(call)")
        case "fcntl": #expect(!call.text.contains("F_DUPFD,"), "\(call)")
        default: break
        }
      }
    }
  }
}
