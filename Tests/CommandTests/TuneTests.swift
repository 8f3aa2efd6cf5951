import TestSupport
import Testing

/// `tune` on interfaces of their own; what it changes is tested on files that are made up.
@Suite struct TuneCommandTests {
  @Test(arguments: ["", "x", "2-", "5-2", "2,,3", "0-8192", "\u{1b}[31m"])
  func cpusThatAreNone(_ cpus: String) throws {
    let outcome = try Aegisctl().run(["tune", "aegis-none", "--cpu", cpus])
    Refusal.check(outcome, 65, "is not a list of CPUs\nhint: write numbers and ranges")
    #expect(!outcome.error.contains("\u{1b}"))
  }

  @Test(arguments: [[], ["--cpu", "0"], ["--cpu", "0", "--dry-run"]])
  func noInterface(_ flags: [String]) throws {
    for name in ["aegis-none", "", "../../../etc", "no\u{1b}[31mne"] {
      let outcome = try Aegisctl().run(["tune", name] + flags)
      Refusal.check(outcome, 69, "there is no interface")
      #expect(!outcome.error.contains("\u{1b}"))
    }
  }

  @Test func noArguments() throws {
    #expect(try Aegisctl().run(["tune"]).status == 64)
    #expect(try Aegisctl().run(["tune", "lo", "--cpu"]).status == 64)
    #expect(try Aegisctl().run(["tune", "lo", "eth0"]).status == 64)
  }
}

/// Where `/sys` shows the interfaces of one namespace, and the caller is in another.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct TuneNamespaceTests {
  @Test func sysOfAnotherNamespace() throws {
    try OwnNamespace.with { namespace in
      for flags in [[], ["--cpu", "0"]] {
        let outcome = try Aegisctl().run(["tune", "lo"] + flags, namespace: namespace)
        Refusal.check(outcome, 69, "/sys shows another network namespace")
        #expect(outcome.error.contains("\nhint: ip netns exec "))
      }
    }
  }

  /// A veth of a namespace of its own, which is RPS alone.
  @Test func pinnedAndBack() throws {
    try OwnNamespace.with { namespace in
      let (name, peer) = ("ae$(id)'x", "ae\(RandomName.hex(6))")
      try Command([
        "ip", "-n", namespace, "link", "add", name, "type", "veth", "peer", "name", peer,
      ]).succeed()
      let inside = ["ip", "netns", "exec", namespace]
      let mask = "/sys/class/net/\(name)/queues/rx-0/rps_cpus"
      let before = try Command(inside + ["cat", mask]).succeed()
      let tune = Aegisctl().command(["tune", name, "--cpu", "0", "-o", "name"]).arguments
      let undo = try Command(inside + tune).succeed()
      #expect(undo.contains(" > '/sys/class/net/ae$(id)'\\''x/queues/rx-0/rps_cpus'\n"))
      let after = try Command(inside + ["cat", mask]).succeed()
      #expect(after != before && after.hasSuffix("1\n"))
      #expect(try Command(inside + tune).succeed() == "")
      try Command(inside + ["sh", "-ec", undo]).succeed()
      #expect(try Command(inside + ["cat", mask]).succeed() == before)
    }
  }
}
