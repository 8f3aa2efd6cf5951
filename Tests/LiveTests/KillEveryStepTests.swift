import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Calls that die on entering each of their system calls in turn, of those that change something or talk to
  /// bpf: what no random moment hits reliably.
  @Suite(.enabled(if: Strace.isPresent, "needs strace, to kill at a system call"))
  struct KillEveryStepTests {
    private static let verbs: [DisturbedVerb] = [
      .apply, .applyUnconfirmed, .replace, .rollBackProgram, .attach, .detach, .attachBoth,
      .detachBoth, .drops, .replaceDrops,
    ]

    @Test(
      "killed at each step: the datapath runs, and the same command ends as if it had not been",
      arguments: verbs)
    func everyStep(of verb: DisturbedVerb) throws {
      let live = try verb.prepared()
      let verdicts = try Verdicts(live)
      let before = try Picture(of: live)
      let calls = try Strace.record(
        verb.command(live), input: verb.input, from: live.aegis.root
      ).filter(\.changesSomething)
      let after = try Picture(of: live)
      try verb.undo(live)
      let restored = try Picture(of: live)
      try #require(restored == before, "\(restored)\n\(before)")

      var sample = Sample()
      let chosen = sample.of(calls, verb.isSlow ? 3 : 6)
      var missed = 0
      for call in chosen {
        let comment: Comment = "\(verb.name), killed at \(call), seed \(sample.seed)"
        let outcome = try Strace.run(
          verb.command(live), input: verb.input, "signal=SIGKILL", at: call)
        // The last calls depend on the order of sets: now and then there is one less.
        if outcome.status == 0 { missed += 1 }
        try #require([0, 9, 128 + 9].contains(outcome.status), "\(comment): \(outcome)")
        let left = try Picture(of: live)
        try verdicts.check(whileAttached: left.judgesArrivals, comment)
        let again = try verb.command(live).run(input: verb.input)
        #expect(again.status == 0 || !verb.isRepeatable, "\(comment), again: \(again)")
        let finished = try Picture(of: live)
        #expect(finished == after || !verb.isRepeatable && finished == before, comment)
        try verdicts.check(whileAttached: finished.judgesArrivals, comment)
        if finished != before { try verb.undo(live) }
        try #require(try Picture(of: live) == before, comment)
      }
      #expect(missed <= 1 + chosen.count / 20)
      print("\(verb.name): killed at \(chosen.count - missed) of \(calls.count) steps")
    }

    @Test(
      "killed at each step of a change of classes or countries", arguments: DisturbedVerb.classes)
    func everyStepOfClasses(of verb: DisturbedVerb) throws { try everyStep(of: verb) }

    @Test("killed at each step of a change of lists", arguments: DisturbedVerb.lists)
    func everyStepOfLists(of verb: DisturbedVerb) throws { try everyStep(of: verb) }

    @Test("killed at each step of a change of rules", arguments: DisturbedVerb.rules)
    func everyStepOfRules(of verb: DisturbedVerb) throws { try everyStep(of: verb) }

    @Test("killed at each step of a change of profiles", arguments: DisturbedVerb.profiles)
    func everyStepOfProfiles(of verb: DisturbedVerb) throws { try everyStep(of: verb) }

    @Test("killed at each step of a change of the hook", arguments: DisturbedVerb.hooks)
    func everyStepOfHooks(of verb: DisturbedVerb) throws { try everyStep(of: verb) }

    /// Of two sources that both ends of every verb judge alike.
    private struct Verdicts {
      private let live: Live
      private let receiver: Receiver

      init(_ live: Live) throws {
        self.live = live
        receiver = try live.sandbox.receiver(port: DisturbedVerb.port)
      }

      /// They arrive in the order in which they were sent: with the second it is known what became of the first.
      func check(whileAttached isAttached: Bool, _ comment: Comment) throws {
        _ = receiver.take(quiet: 0)
        let sources = [DisturbedVerb.dropped, live.peer]
        for source in sources { try live.sandbox.send(from: source, port: DisturbedVerb.port) }
        let arrived = receiver.take(expecting: isAttached ? 1 : 2, quiet: 1).map(\.source)
        #expect(arrived == (isAttached ? [live.peer] : sources), comment)
      }
    }
  }
}
