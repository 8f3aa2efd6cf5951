import CAegis
import Foundation
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import BPF

extension Kernel {
  /// `relay:` in the documents that `apply` reads.
  struct RelayFileTests {
    private func with(users: Int = 16, _ body: (RelayDesk) throws -> Void) throws {
      try TemporaryDirectory.with { try body(RelayDesk($0, users: users)) }
    }

    private static func policy(_ users: String) -> String {
      "---\napiVersion: aegis/v1\nkind: Policy\nspec: {relay: {users: [\(users)]}}\n"
    }

    private static func host(_ relay: String, _ more: String = "") -> String {
      "---\napiVersion: aegis/v1\nkind: Host\nspec: {\(more)relay: {\(relay)}}\n"
    }

    private static func listen(_ keys: String, _ more: String = "") -> String {
      host("listen: 192.0.2.1:4500, portRange: 20000-29999, keyFile: \(keys)\(more)")
    }

    private static let alice = "{user: alice, to: '198.51.100.7:1'}"
    private static let bob = "{user: bob, to: '[2001:db8::7]:1', rate: 5/s, burst: 20}"
    private static let far =
      "{user: far, to: '198.51.100.7:1', rate: 'off', expires: 2036-12-01T08:00:00Z}"

    private func apply(_ desk: RelayDesk, _ text: String, _ words: [String] = []) throws -> JSON {
      try desk.ok(["apply", "-f", "-"] + words, input: text)
    }

    private func differs(_ desk: RelayDesk, _ text: String, _ words: [String] = []) throws -> Bool {
      let outcome = try desk.run(["diff", "-f", "-"] + words, input: text)
      #expect([0, 1].contains(outcome.status), "\(outcome)")
      return outcome.status == 1
    }

    @Test("apply adds users and changes them, and an unchanged one keeps all that it has")
    func users() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        let text = Self.policy("\(Self.alice), \(Self.bob), \(Self.far)")
        let plan = try desk.run(["diff", "-f", "-", "-o", "json"], input: text)
        #expect(try plan.status == 1 && plan.json["counts"]["added"].int == 3)
        #expect(
          try plan.json["items"].array.map { $0["now"].string?.prefix(46) } == [
            "198.51.100.7:1, rate 10k/s burst 1000",
            "[2001:db8::7]:1, rate 5/s burst 20", "198.51.100.7:1, rate off, for \(try Self.left)",
          ])
        #expect(try apply(desk, text, ["--dry-run"])["counts"]["added"].int == 3)
        #expect(try desk.names().isEmpty)
        #expect(try apply(desk, text)["changed"].bool == true)
        #expect(try desk.names() == ["alice", "bob", "far"])
        try desk.checkAgreement()

        let users = try MappedValues<aegis_relay_user>(
          pinnedAt: desk.aegis.root + "/current/relay_user")
        var value = users.value(at: 0)
        (value.newest, value.packets, value.tat) = (7, 3, 11)
        value.window.0 = 99
        users.set(value, at: 0)
        let again = try apply(desk, text)
        #expect(again["changed"].bool == false && again["counts"]["unchanged"].int == 3)
        #expect(try !differs(desk, text) && !differs(desk, text, ["--prune"]))
        let after = users.value(at: 0)
        #expect((after.newest, after.packets, after.tat, after.window.0) == (7, 3, 11, 99))
        #expect((after.generation, after.own_port) == (value.generation, value.own_port))

        let session = try desk.users().map { $0["session"].int }
        let other = try apply(desk, Self.policy("{user: alice, to: '198.51.100.8:2', rate: 7/s}"))
        #expect(other["items"].array.count == 1 && other["items"][0]["action"].string == "changed")
        #expect(other["items"][0]["part"].string == "user")
        #expect(other["remaining"].int == 2)
        #expect(try desk.users().map { $0["session"].int } == session)
        #expect(try desk.users()[0]["to"].string == "198.51.100.8:2")
        #expect(try desk.names() == ["alice", "bob", "far"])
        try desk.checkAgreement()
      }
    }

    private static var left: String {
      get throws {
        let end = try #require(RelayUserList.end(at: WallTime("2036-12-01T08:00:00Z")))
        return DurationText.format(.nanoseconds(end - Clock.boottime()))
      }
    }

    @Test("--prune removes the users that a list does not name, and none without a list")
    func prune() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        _ = try apply(desk, Self.policy("\(Self.alice), \(Self.bob)"))
        let none = "apiVersion: aegis/v1\nkind: Policy\nspec: {relay: {}, drops: []}\n"
        #expect(try apply(desk, none, ["--prune"])["changed"].bool == false)
        let text = Self.policy(Self.bob)
        let note = try desk.run(["diff", "-f", "-"], input: text)
        #expect(note.status == 0 && note.error.contains("1 loaded entry is not in the files"))
        #expect(try differs(desk, text, ["--prune"]))
        let pruned = try apply(desk, text, ["--prune"])
        #expect(pruned["items"].array.map { $0["name"].string } == ["alice"])
        #expect(pruned["items"][0]["action"].string == "removed")
        #expect(try desk.names() == ["bob"])
        #expect(try apply(desk, Self.policy(""), ["--prune"])["counts"]["removed"].int == 1)
        #expect(try desk.names().isEmpty)
        try desk.checkAgreement()
      }
    }

    @Test("many users are summed up")
    func many() throws {
      try with(users: 64) { desk in
        try desk.set(desk.keys(1))
        let users = (0..<40).map { "{user: u\($0), to: '198.51.100.7:1'}" }
        let text = Self.policy(users.joined(separator: ", "))
        let sum = try desk.run(["diff", "-f", "-"], input: text).output
        #expect(sum.contains("40 added") && sum.split(separator: "\n").count == 2, "\(sum)")
        let wide = try desk.run(["diff", "-f", "-", "-o", "wide"], input: text).output
        #expect(wide.split(separator: "\n").count == 41, "\(wide)")
      }
    }

    @Test("what dump prints is what apply reads, and has no secret")
    func roundTrip() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        _ = try apply(desk, Self.policy("\(Self.alice), \(Self.bob), \(Self.far)"))
        try desk.ok(["relay-user", "007", "--to", "198.51.100.9:9", "--rate", "3/m", "--ttl", "9h"])
        let token = try #require(try desk.ok(["relay-token", "alice"])["secret"].string)
        for part in [["all"], ["users"], ["host"]] {
          let text = try desk.run(["dump"] + part + ["-o", "yaml"]).output
          #expect(text.contains("user: \"007\"") && text.contains("rate: \"off\""), "\(text)")
          #expect(!text.contains(token) && !text.contains(String(repeating: "a1", count: 16)))
          #expect(try !differs(desk, text, ["--prune"]), "\(part)")
          #expect(try apply(desk, text, ["--prune"])["changed"].bool == false, "\(part)")
        }
        let text = try desk.run(["dump", "-o", "yaml"]).output
        #expect(try desk.run(["dump", "users", "bob", "-o", "yaml"]).output.contains("bob"))
        try desk.ok(["relay-user", "--remove", "007", "alice", "bob", "far"])
        #expect(try apply(desk, text)["counts"]["added"].int == 4)
        #expect(try desk.run(["dump", "-o", "yaml"]).output == text)
      }
    }

    @Test("a policy without a relay says nothing of one")
    func noRelay() throws {
      try with { desk in
        #expect(try !desk.run(["dump", "-o", "yaml"]).output.contains("relay"))
        #expect(try !desk.run(["dump", "host", "-o", "yaml"]).output.contains("relay"))
        let error = try desk.fails(69, ["apply", "-f", "-"], input: Self.policy(Self.alice))
        #expect(error.contains("the relay is off") && error.contains("set-relay"))
        // Users that are there stay while it is off.
        try desk.set(desk.keys(1))
        _ = try apply(desk, Self.policy(Self.alice))
        try desk.ok(["set-relay", "--off"])
        #expect(try apply(desk, Self.policy(Self.alice))["changed"].bool == false)
        let text = try desk.run(["dump", "-o", "yaml"]).output
        #expect(text.contains("alice"))
        #expect(try apply(desk, text, ["--prune"])["changed"].bool == false)
      }
    }

    @Test("if there is no room or no port, nothing changes")
    func full() throws {
      try with(users: 2) { desk in
        try desk.set(desk.keys(1))
        _ = try apply(desk, Self.policy(Self.alice))
        let text =
          Self.policy("{user: alice, to: '198.51.100.9:9'}, \(Self.bob), \(Self.far)")
          + "---\napiVersion: aegis/v1\nkind: Policy\nspec: {drops: [192.0.2.7]}\n"
          + Self.listen(try desk.keys(2))
        for words in [["apply", "-f", "-"], ["apply", "-f", "-", "--dry-run"]] {
          let error = try desk.fails(
            1, words,
            input: text.replacing(
              "192.0.2.1:4500",
              with:
                "['192.0.2.1:4500', '[2001:db8::1]:4500']"))
          #expect(error.contains("no room for 3 users: the relay has room for 2"), "\(error)")
          #expect(error.contains("aegisctl load --replace --max-users 4"))
        }
        let homeless = try desk.fails(65, ["apply", "-f", "-"], input: text)
        #expect(homeless.contains("bob: the relay has no IPv6 address"), "\(homeless)")
        #expect(try desk.users()[0]["to"].string == "198.51.100.7:1")
        #expect(try desk.ok(["status"])["relay"]["keys"].array.map(\.int) == [1])
        #expect(try desk.ok(["dump", "drops"])["drops"].array.isEmpty)
        // Those that go make room.
        #expect(
          try apply(desk, Self.policy("\(Self.bob), \(Self.far)"), ["--prune"])["changed"].bool
            == true)
        #expect(try desk.names() == ["bob", "far"])
        try desk.checkAgreement()
      }
    }

    @Test("a host's relay is set, changed and switched off")
    func settings() throws {
      try with { desk in
        let keys = try desk.keys(1)
        let text = Self.listen(keys)
        #expect(try differs(desk, text))
        let dry = try apply(desk, text + Self.policy(Self.alice), ["--dry-run"])
        #expect(try dry["counts"]["added"].int == 2 && !desk.isOn)
        let made = try apply(desk, text)
        #expect(made["items"][0]["part"].string == "relay")
        #expect(
          made["items"][0]["now"].string == "192.0.2.1:4500, ports 20000-29999, key 1")
        #expect(try desk.isOn && desk.part != nil)
        let again = try apply(desk, text)
        #expect(again["changed"].bool == false && again["counts"]["unchanged"].int == 1)
        #expect(try !differs(desk, text, ["--prune"]))
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1"])
        let narrow = try desk.fails(
          65, ["apply", "-f", "-"], input: text.replacing("20000-", with: "20001-"))
        #expect(narrow.contains("the range of ports does not have the port 20000"))
        // Without a file the keys stay.
        let wider = Self.host("listen: 192.0.2.1:4500, portRange: 20000-30000")
        #expect(try apply(desk, wider)["items"][0]["action"].string == "changed")
        #expect(try desk.ok(["status"])["relay"]["keys"].array.map(\.int) == [1])
        // A document without a relay does not manage it.
        let none = "apiVersion: aegis/v1\nkind: Host\nspec: {}\n"
        #expect(try apply(desk, none, ["--prune"])["changed"].bool == false)
        #expect(try desk.isOn)
        let off = Self.host("listen: []")
        #expect(try differs(desk, off))
        #expect(try apply(desk, off)["items"][0]["action"].string == "removed")
        #expect(try !desk.isOn && desk.part == nil)
        #expect(try apply(desk, off)["changed"].bool == false)
        let keyless = try desk.fails(65, ["apply", "-f", "-"], input: wider)
        #expect(keyless.contains("the relay is off, and its declaration names no keyFile"))
      }
    }

    @Test("a key file that is wrong is refused before anything changes, and a warning at boot")
    func keyFile() throws {
      try TemporaryDirectory.with { directory in
        let desk = try RelayDesk(directory)
        let open = try desk.keys(1, mode: 0o644)
        try desk.ok(["unload", "--force"])
        let text =
          Self.listen(open) + Self.policy(Self.alice)
          + "---\napiVersion: aegis/v1\nkind: Policy\nspec: {drops: [192.0.2.7]}\n"
        let error = try desk.fails(77, ["apply", "-f", "-"], input: text)
        #expect(error.contains("mode 644") && !error.contains("a1a1"))
        _ = try desk.fails(77, ["diff", "-f", "-"], input: text)
        _ = try desk.fails(69, ["status"])
        let boot = try desk.run(["apply", "-f", "-", "--at-boot"], input: text)
        #expect(boot.status == 0, "\(boot)")
        #expect(boot.error.contains("warning: the relay is not as declared: cannot trust"))
        #expect(try desk.ok(["dump", "drops"])["drops"].array.count == 1)
        #expect(try !desk.isOn)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: open)
        try desk.ok(["unload", "--force"])
        let good = try desk.run(["apply", "-f", "-", "--at-boot"], input: text)
        #expect(good.status == 0 && good.error.isEmpty, "\(good)")
        #expect(try desk.names() == ["alice"])
      }
    }

    @Test("room for users is a capacity of the host")
    func capacity() throws {
      try with { desk in
        try desk.ok(["unload", "--force"])
        let text =
          Self.host(
            "listen: 192.0.2.1:4500, portRange: 20000-29999, keyFile: \(try desk.keys(1))",
            "capacities: {drops: 64, keys: 16, sources: 64, users: 2}, ")
        let users = Self.policy("\(Self.alice), \(Self.far), {user: c, to: '198.51.100.7:3'}")
        #expect(try desk.fails(1, ["apply", "-f", "-"], input: text + users).contains("no room"))
        // What it loaded is gone again.
        _ = try desk.fails(69, ["status"])
        _ = try apply(desk, text + Self.policy(Self.alice))
        #expect(try desk.ok(["status"])["relay"]["capacity"].int == 2)
        let more = text.replacing("users: 2", with: "users: 4") + users
        let note = try desk.run(
          ["diff", "-f", "-"], input: text.replacing("users: 2", with: "users: 4"))
        #expect(note.error.contains("users is 2, declared 4"), "\(note)")
        #expect(try apply(desk, more, ["--replace"])["counts"]["added"].int == 2)
        try desk.checkAgreement()
      }
    }

    @Test("a rollback leaves the relay, and apply says so")
    func rollback() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        let text =
          Self.policy(Self.alice)
          + "---\napiVersion: aegis/v1\nkind: Policy\nspec: {drops: [192.0.2.7]}\n"
        let outcome = try desk.run(
          ["apply", "-f", "-", "--confirm-within", "1h"], input: text)
        #expect(outcome.status == 0, "\(outcome)")
        #expect(outcome.error.contains("note: 'rollback' does not undo what changes of the relay"))
        try desk.ok(["rollback"])
        #expect(try desk.names() == ["alice"])
        #expect(try desk.ok(["dump", "drops"])["drops"].array.isEmpty)
        try desk.checkAgreement()
      }
    }

    @Test("killed at any moment, the same command finishes")
    func killed() throws {
      try with(users: 4096) { desk in
        try desk.set(desk.keys(1))
        let texts = [0, 1].map { turn in
          Self.policy(
            (0..<2000).map { number in
              "{user: u\(number + 1000 * turn), to: '198.51.100.\(7 + turn):\(1 + number % 7)'}"
            }.joined(separator: ", "))
        }
        let words = ["apply", "-f", "-", "--prune"]
        let start = Date()
        try desk.ok(words, input: texts[1])
        let time = Date().timeIntervalSince(start)
        for round in 0..<12 {
          let text = texts[round % 2]
          let call = try desk.aegis.command(words).start(input: text)
          let delay = Double.random(in: time / 4...time)
          Thread.sleep(forTimeInterval: delay)
          call.signal(SIGKILL)
          _ = try call.wait()
          try desk.ok(words, input: text)
          #expect(try !differs(desk, text, ["--prune"]), "killed after \(delay) s")
          #expect(try desk.users().count == 2000)
          try desk.checkAgreement()
        }
      }
    }

    @Test("interfaces are prepared once they are attached, and left again")
    func forward() throws {
      try TemporaryDirectory.with { directory in
        let live = Live(try Sandbox())
        let keys = try directory.file("keys", "1 \(String(repeating: "a1", count: 16))\n".utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keys)
        func text(_ more: String) -> String {
          Self.host(
            "listen: '\(live.sandbox.host.v4):4500', portRange: 20000-20009, keyFile: \(keys)\(more)",
            "capacities: {drops: 64, keys: 16, sources: 64}, interfaces: [\(live.interface)], ")
        }
        func forwards() throws -> Bool {
          try live.sandbox.inside(.host) { [name = live.interface] in
            try SystemFiles().read("/proc/sys/net/ipv4/conf/\(name)/forwarding").hasPrefix("1")
          }
        }
        func apply(_ text: String, _ words: [String] = []) throws -> JSON {
          try live.ok(["apply", "-f", "-"] + words, input: text)
        }
        let users = Self.policy("{user: alice, to: '\(live.peer):1'}")
        let on = text(", forward: \(live.interface)") + users
        #expect(try apply(on, ["--dry-run"])["changed"].bool == true)
        let made = try apply(on)
        #expect(
          made["items"].array.map { $0["part"].string }
            == ["datapath", "interface", "relay", "relay", "user"])
        #expect(made["items"][3]["name"].string == "forward")
        #expect(try forwards())
        let neighbours = try live.sandbox.run(
          in: .host, ["ip", "neigh", "show", "proto", "174"]
        ).output
        #expect(neighbours.contains(live.peer), "\(neighbours)")
        #expect(try apply(on)["changed"].bool == false)
        #expect(try live.run(["diff", "-f", "-"], input: on).status == 0)
        let dump = try live.run(["dump", "host", "-o", "yaml"]).output
        #expect(dump.contains("forward:") && !dump.contains("a1a1"))
        #expect(try live.run(["diff", "-f", "-", "--prune"], input: dump).status == 0)
        // Nothing said of it, nothing done.
        #expect(try apply(text(""))["changed"].bool == false)
        #expect(try forwards())
        let none = try apply(text(", forward: []"))
        #expect(none["items"][0]["action"].string == "removed")
        #expect(try !forwards())
        // An interface that appears later is prepared when it is attached.
        try live.ok(["detach", live.interface])
        let path = try directory.file("host.yaml", on.utf8)
        try live.ok(["attach", "-f", path])
        #expect(try forwards())
        let missing = try live.run(["apply", "-f", "-"], input: text(", forward: aegis-none"))
        #expect(missing.status == 69 && missing.error.contains("aegis-none"), "\(missing)")
        let boot = try live.run(
          ["apply", "-f", "-", "--at-boot"], input: text(", forward: [aegis-none]"))
        #expect(boot.status == 0, "\(boot)")
        _ = try apply(on)
        _ = try apply(Self.host("listen: []"))
        #expect(try !forwards())
        #expect(try live.ok(["status"])["relay"].isNull)
      }
    }
  }
}
