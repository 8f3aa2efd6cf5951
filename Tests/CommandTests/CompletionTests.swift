import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"),
  .enabled(if: Tool.isExpected("bash"), "needs bash"), .loaded)
struct CompletionTests {
  @Test func drops() throws {
    try Loaded.fresh { instance in
      try instance.run(["drop-ip", "203.0.113.7", "198.51.100.0/24", "2001:db8::1"])
      let all = ["198.51.100.0/24", "2001:db8::1", "203.0.113.7"]
      #expect(try offers("drop-ip", "--remove", "", at: instance) == all)
      #expect(try offers("drop-ip", "--remove", "203.0.113.7", "", at: instance) == all)
      #expect(try offers("drop-ip", "--remove", "203", at: instance) == ["203.0.113.7"])
      #expect(try offers("drop-ip", "", at: instance) == [])
      #expect(try offers("drop-ip", "--remove", "9", at: instance) == [])
    }
  }

  /// What is typed is looked for in all of them, and only then is there a most.
  @Test func longList() throws {
    let instance = Aegisctl()
    defer { instance.cleanUp() }
    try instance.run(["load", "--max-drops", "4096"])
    let hosts = (0..<2000).map { "10.0.\($0 / 250).\($0 % 250)" }
    try instance.run(["drop-ip", "-f", "-"], input: hosts.joined(separator: "\n"))
    for host in ["10.0.0.0", "10.0.3.249", "10.0.7.249"] {
      #expect(try offers("drop-ip", "--remove", host, at: instance) == [host])
    }
    #expect(try offers("drop-ip", "--remove", "10.0.7.", at: instance).count == 250)
    #expect(try offers("drop-ip", "--remove", "10", at: instance).count == 500)
  }

  @Test func keys() throws {
    try Loaded.fresh { instance in
      try instance.run(["allow-key", "203.0.113.7:22/tcp", "--protect"])
      try instance.run(["allow-key", "192.0.2.53/udp", "any/icmp"])
      let all = ["192.0.2.53/udp", "203.0.113.7:22/tcp", "any/icmp"]
      #expect(try offers("allow-key", "--remove", "", at: instance) == all)
      #expect(try offers("allow-key", "--remove", "a", at: instance) == ["any/icmp"])
      #expect(try offers("allow-key", "", at: instance) == [])
    }
  }

  @Test func rules() throws {
    try Loaded.fresh { instance in
      try instance.run(["set-list", "partners", "--action", "none"])
      try instance.run(["set-list", "bans"])
      try instance.run(["set-rule", "dns", "--port", "53/udp", "--then", "drop"])
      try instance.run(["set-rule", "smtp", "--out", "--port", "25/tcp", "--then", "drop"])
      #expect(try offers("set-rule", "", at: instance) == ["dns"])
      #expect(try offers("set-rule", "--out", "--remove", "", at: instance) == ["smtp"])
      #expect(try offers("set-rule", "x", "--before", "", at: instance) == ["dns"])
      #expect(
        try offers("set-rule", "x", "--then", "", at: instance)
          == ["allow", "drop", "hook", "limit"])
      #expect(
        try offers("set-rule", "x", "--not-from", "", at: instance) == ["any", "list:partners"])
      #expect(try offers("set-rule", "x", "--to", "list:p", at: instance) == ["list:partners"])
      #expect(try offers("set-rule", "x", "--icmp", "echo-req", at: instance) == ["echo-request"])
      #expect(try offers("set-rule", "x", "--protocol", "t", at: instance) == ["tcp"])
    }
  }

  @Test func pinRootOfTheCommandLineIsAsked() throws {
    try Loaded.fresh { instance in
      try instance.run(["drop-ip", "203.0.113.7"])
      for root in [["--pin-root", instance.root], ["--pin-root=\(instance.root)"]] {
        let words = ["drop-ip"] + root + ["--remove", ""]
        #expect(try BashCompletion.offers(words, Aegisctl()).words == ["203.0.113.7"], "\(root)")
      }
    }
  }

  @Test func interfaces() throws {
    try OwnNamespace.with { namespace in
      try Command(["ip", "-n", namespace, "link", "add", "ve0", "type", "veth", "peer", "ve1"])
        .succeed()
      try Loaded.fresh { instance in
        #expect(try offers("attach", "", at: instance, namespace) == ["ve0", "ve1"])
        #expect(try offers("detach", "", at: instance, namespace) == [])
        try instance.run(["attach", "ve1"], namespace: namespace)
        #expect(try offers("detach", "", at: instance, namespace) == ["ve1"])
        for verb in ["stats", "events"] {
          #expect(try offers(verb, "", at: instance, namespace) == ["ve1"])
        }
        let root = ["detach", "--pin-root", instance.root, ""]
        let elsewhere = try BashCompletion.offers(root, Aegisctl(), namespace: namespace)
        #expect(elsewhere.words == ["ve1"])
      }
    }
  }

  /// bash would run what it is offered.
  @Test func hostileInterfaceIsNotOffered() throws {
    try OwnNamespace.with { namespace in
      for name in ["$(id)", "`id`", "a;id", "ve0"] {
        try Command(["ip", "-n", namespace, "link", "add", name, "type", "veth"]).succeed()
      }
      let offered = try Loaded.fresh { try offers("attach", "", at: $0, namespace) }
      #expect(offered.contains("ve0") && !offered.contains { $0.contains("id") }, "\(offered)")
    }
  }

  static let dynamic = [
    ["drop-ip", "--remove", ""], ["allow-key", "--remove", ""], ["detach", ""], ["stats", ""],
    ["events", ""],
  ]

  @Test(arguments: dynamic)
  func silentWhenNothingIsLoaded(_ words: [String]) throws {
    let offered = try BashCompletion.offers(words, Aegisctl())
    #expect(offered.words == [])
    #expect(offered.noise == "")
  }

  @Test(.enabled(if: Tool.isExpected("setpriv")), arguments: dynamic)
  func silentWhenUnprivileged(_ words: [String]) throws {
    let offered = try BashCompletion.offers(
      words, Loaded.instance,
      running: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"])
    #expect(offered.words == [])
    #expect(offered.noise == "")
  }

  private func offers(
    _ words: String..., at instance: Aegisctl, _ namespace: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> [String] {
    let offered = try BashCompletion.offers(words, instance, namespace: namespace)
    #expect(offered.noise == "", sourceLocation: sourceLocation)
    return offered.words
  }
}
