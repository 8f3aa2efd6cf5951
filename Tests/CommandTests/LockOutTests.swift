import TestSupport
import Testing

/// A session, what it is called, the key that is proposed and drop entries that cover it or not.
struct RemotePeer: CustomTestStringConvertible, Sendable {
  let connection: String
  let key: String
  let around: String
  let elsewhere: String

  var testDescription: String { connection }

  static let all = [
    RemotePeer(
      connection: "203.0.113.9 50000 192.0.2.1 22", key: "203.0.113.9:22/tcp",
      around: "203.0.113.0/24", elsewhere: "203.0.112.0/24"),
    RemotePeer(
      connection: "203.0.113.9 50000 192.0.2.1 2222", key: "203.0.113.9:2222/tcp",
      around: "203.0.113.9", elsewhere: "203.0.113.8"),
    RemotePeer(
      connection: "2001:db8::9 50000 2001:db8::1 22", key: "[2001:db8::9]:22/tcp",
      around: "2001:db8::/32", elsewhere: "2001:db9::/32"),
    RemotePeer(
      connection: "::ffff:203.0.113.9 50000 ::ffff:192.0.2.1 22", key: "203.0.113.9:22/tcp",
      around: "203.0.113.0/24", elsewhere: "2001:db8::/32"),
    RemotePeer(
      connection: "fe80::1%eth7 50000 fe80::2%eth7 22", key: "[fe80::1]:22/tcp",
      around: "fe80::/64", elsewhere: "fe80:1::/64"),
  ]
}

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct LockOutTests {
  @Test(arguments: RemotePeer.all)
  func hintIsEnough(_ peer: RemotePeer) throws {
    try Loaded.fresh { instance in
      let hint = "aegisctl allow-key \(peer.key) --protect"
      let refused = try deny(instance, peer)
      Refusal.check(refused, 79, "this would cut off your SSH session from ")
      let printed = refused.error.split(separator: "\n").last { $0.hasPrefix("hint: ") }
      // In a shell that takes [ ] for a pattern it is quoted.
      let command = printed?.dropFirst("hint: ".count).filter { $0 != "'" }
      #expect(command == hint)
      #expect(try instance.run(["status", "-o", "json"]).json["defaultAction"].string == "allow")

      let words = hint.split(separator: " ").dropFirst().map(String.init)
      #expect(try instance.run(words).status == 0)
      #expect(try deny(instance, peer).status == 0)
      #expect(try instance.run(["status", "-o", "json"]).json["defaultAction"].string == "deny")
    }
  }

  @Test(arguments: RemotePeer.all)
  func forceOverrides(_ peer: RemotePeer) throws {
    try Loaded.fresh { instance in
      Refusal.check(try deny(instance, peer, "--dry-run"), 79, "cut off")
      #expect(try deny(instance, peer, "--force").status == 0)
      #expect(try deny(instance, peer, "--force", "-o", "json").json["changed"].bool == false)
    }
  }

  @Test(arguments: RemotePeer.all)
  func dropBeatsPlainKey(_ peer: RemotePeer) throws {
    try Loaded.fresh { instance in
      try instance.run(["allow-key", peer.key])
      try instance.run(["drop-ip", peer.elsewhere])
      #expect(try deny(instance, peer, "--dry-run").status == 0)
      try instance.run(["drop-ip", peer.around])
      Refusal.check(try deny(instance, peer), 79, "cut off")
      try instance.run(["allow-key", peer.key, "--protect"])
      #expect(try deny(instance, peer).status == 0)
    }
  }

  @Test(arguments: [
    ("any", true), ("any:22/tcp", true), ("any/tcp", true), ("203.0.113.0/24:22", true),
    ("203.0.113.9", true), ("0.0.0.0/0", true), ("any:22/udp", false), ("any:23/tcp", false),
    ("203.0.112.0/24", false), ("::/0", false), ("any/icmp", false),
  ])
  func keyLetsIn(_ key: String, _ isEnough: Bool) throws {
    try Loaded.fresh { instance in
      try instance.run(["allow-key", key])
      #expect(try deny(instance, RemotePeer.all[0]).status == (isEnough ? 0 : 79))
    }
  }

  @Test(arguments: [
    "", "nonsense", "203.0.113.9", "203.0.113.9 50000 192.0.2.1 ssh", "% 1 % 22", "   ",
  ])
  func noSessionIsNotGuarded(_ connection: String) throws {
    try Loaded.fresh { instance in
      let outcome = try instance.run(
        ["set-default", "deny"], environment: ["SSH_CONNECTION": connection])
      #expect(outcome.status == 0, "\(outcome.error)")
    }
  }

  private func deny(_ instance: Aegisctl, _ peer: RemotePeer, _ more: String...) throws -> Outcome {
    try instance.run(
      ["set-default", "deny"] + more, environment: ["SSH_CONNECTION": peer.connection])
  }
}
