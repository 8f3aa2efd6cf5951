import TestSupport
import Testing

/// What is refused although the command is right.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct RefusedTests {
  @Test func unloadWhileAttached() throws {
    try OwnNamespace.with { namespace in
      try Loaded.fresh { instance in
        try instance.run(["attach", "lo"], namespace: namespace)
        for flags in [[], ["--dry-run"]] {
          let outcome = try instance.run(["unload"] + flags, namespace: namespace)
          Refusal.check(
            outcome, 1, "the datapath is still attached to lo\nhint: aegisctl detach --all")
        }
        #expect(try instance.run(["status"]).status == 0)
        #expect(try instance.run(["unload", "--force"], namespace: namespace).status == 0)
      }
    }
  }

  @Test func interfaceOfAnotherInstance() throws {
    try OwnNamespace.with { namespace in
      try Loaded.fresh { one in
        try Loaded.fresh { other in
          try one.run(["attach", "lo"], namespace: namespace)
          for flags in [[], ["--dry-run"], ["--mode", "generic"]] {
            let outcome = try other.run(["attach", "lo"] + flags, namespace: namespace)
            Refusal.check(outcome, 73, "lo already runs the XDP program \"aegis\"")
          }
          #expect(
            try one.run(["dump", "links", "-o", "name"], namespace: namespace).output == "lo\n")
        }
      }
    }
  }

  @Test(arguments: EveryVerb.changing + EveryVerb.measuring)
  func locked(_ command: [String]) throws {
    try Loaded.fresh { instance in
      let tool = instance.command(command + ["--timeout", "50ms"])
      let outcome = try Command(
        ["flock", instance.root] + tool.arguments, environment: tool.environment
      ).run()
      Refusal.check(outcome, 75, "another aegisctl has held the lock of \(instance.root)")
      #expect(outcome.error.contains("\nhint: wait longer: --timeout 1m\n"))
    }
  }

  @Test(arguments: EveryVerb.looking.filter { !$0.contains("lo") })
  func lookingNeedsNoLock(_ command: [String]) throws {
    try Loaded.fresh { instance in
      // The list that some of them name.
      try instance.run(["set-list", "jail"])
      let tool = instance.command(command)
      let outcome = try Command(
        ["flock", instance.root] + tool.arguments, environment: tool.environment
      ).run()
      #expect(outcome.status == 0)
    }
  }

  @Test func outputThatCannotBeWritten() throws {
    try Loaded.fresh { instance in
      let tool = instance.command(["status"])
      let script = "exec \"$@\" >/dev/full"
      let outcome = try Command(
        ["sh", "-c", script, "sh"] + tool.arguments, environment: tool.environment
      ).run()
      Refusal.check(outcome, 1, "cannot write to standard output")
    }
  }
}
