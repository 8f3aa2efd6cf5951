import CAegis
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import BPF

extension Kernel {
  /// What an operator does with the relay, without traffic.
  @Suite struct RelayVerbTests {
    private func with(users: Int = 16, _ body: (RelayDesk) throws -> Void) throws {
      try TemporaryDirectory.with { try body(RelayDesk($0, users: users)) }
    }

    @Test("is switched on and off, and a second time changes nothing")
    func onAndOff() throws {
      try with { desk in
        let keys = try desk.keys(1)
        #expect(try desk.ok(["status"])["relay"].isNull)
        let dry = try desk.set(keys, ["--dry-run"])
        #expect(dry["changed"].bool == true && dry["items"][0]["action"].string == "added")
        #expect(try !desk.isOn && desk.settings.port == 0)
        #expect(try desk.set(keys)["changed"].bool == true)
        let before = try desk.settings
        #expect(try desk.isOn && desk.part != nil)
        #expect(try desk.set(keys)["changed"].bool == false)
        let after = try desk.settings
        #expect(after.started == before.started && after.epoch != 0)
        let relay = try desk.ok(["status"])["relay"]
        #expect(relay["listen"].array.map(\.string) == ["192.0.2.1:4500", "[2001:db8::1]:4500"])
        #expect(relay["users"].int == 0 && relay["capacity"].int == 16)
        #expect(relay["keys"].array.map(\.int) == [1])
        #expect(abs(try #require(relay["clockSkewSeconds"].double)) < 1)
        #expect(try desk.ok(["set-relay", "--off"])["items"][0]["action"].string == "removed")
        #expect(try desk.ok(["set-relay", "--off"])["changed"].bool == false)
        #expect(try !desk.isOn && desk.part == nil)
        let off = try desk.settings
        #expect(off.port == 0 && off.live == 0 && off.key.0.half == (0, 0))
        #expect(try desk.names("current").contains("aegis_relay") == false)
        #expect(try desk.fails(69, ["relay-token", "alice"]).contains("the relay is off"))
      }
    }

    @Test("a key that stays keeps its slot, so no token of it is refused")
    func rotation() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1"])
        let first = try desk.settings
        #expect(try desk.set(desk.keys(2, 1))["changed"].bool == true)
        let both = try desk.settings
        #expect(both.key.0.half == first.key.0.half && both.number == (1, 2) && both.live == 3)
        #expect(both.started == first.started)
        #expect(try desk.ok(["relay-token", "alice"])["key"].int == 2)
        #expect(try desk.set(desk.keys(2))["changed"].bool == true)
        let last = try desk.settings
        #expect(last.key.1.half == both.key.1.half && last.live == 2 && last.key.0.half == (0, 0))
        let error = try desk.fails(65, RelayDesk.words(desk.keys(1, 2, 3)))
        #expect(error.contains("keys-1-2-3:3: is one key too many"))
      }
    }

    @Test("a key file that others may read is refused, and secrets are nowhere but in a token")
    func secrets() throws {
      try with { desk in
        let error = try desk.fails(77, RelayDesk.words(desk.keys(1, mode: 0o644)))
        #expect(error.contains("mode 644") && error.contains("hint: chmod 600"))
        #expect(try !desk.isOn)
        let missing = try desk.fails(65, RelayDesk.words("/nonexistent"))
        #expect(missing.contains("hint: make it: (umask 077; echo \"1 $(openssl rand -hex 16)\""))
        try desk.set(desk.keys(1))
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1"])
        let token = try desk.ok(["relay-token", "alice"])
        let secret = try #require(token["secret"].string)
        #expect(secret.count == 32)
        let master = String(repeating: "a1", count: 16)
        for verb in [
          ["dump"], ["dump", "log"], ["dump", "users"], ["status"], ["stats", "--by", "user"],
        ] {
          for format in ["table", "wide", "json", "yaml", "name"] {
            let text = try desk.run(verb + ["-o", format]).output
            #expect(!text.contains(secret) && !text.contains(master), "\(verb) \(format)")
          }
        }
      }
    }

    @Test("a token is of its user's session, and ends with the user")
    func tokens() throws {
      try with { desk in
        try desk.set(desk.keys(7))
        try desk.ok(["relay-user", "alice", "--to", "[2001:db8::7]:1", "--ttl", "1h"])
        let token = try desk.ok(["relay-token", "alice"])
        #expect(token["kind"].string == "RelayToken" && token["user"].string == "alice")
        #expect(token["listen"].array.map(\.string) == ["[2001:db8::1]:4500"])
        #expect(token["mtuOverhead"].int == 32 && token["key"].int == 7)
        let expires = try #require(token["expiresUnix"].int)
        #expect(abs(Double(expires) - Date().timeIntervalSince1970 - 3600) < 60)
        #expect(try WallTime(token["expires"].string ?? "").milliseconds == Int64(expires) * 1000)
        let session = try #require(token["session"].int)
        #expect(try desk.users()[0]["session"].int == session)
        let key = SipHash.Key(Array(repeating: 0xa7, count: 16))
        let wanted = RelayKey(number: 7, secret: key).secret(
          ofSession: UInt32(session), expires: UInt32(expires), user: try RelayName("alice").hash
        ).bytes
        #expect(token["secret"].string == wanted.map { String(format: "%02x", $0) }.joined())
        #expect(try desk.fails(65, ["relay-token", "bob"]).contains("the relay has no user bob"))
      }
    }

    @Test("users are added, changed, replaced and removed")
    func users() throws {
      try with { desk in
        let words = ["relay-user", "alice", "--to", "198.51.100.7:51820"]
        #expect(try desk.fails(69, words).contains("the relay is off"))
        try desk.set(desk.keys(1))
        #expect(try desk.ok(words)["items"][0]["action"].string == "added")
        #expect(try desk.ok(words)["changed"].bool == false)
        let before = try desk.users()[0]
        #expect(before["rate"].string == "10k/s" && before["burst"].int == 1000)
        let other = try desk.ok(["relay-user", "alice", "--to", "198.51.100.8:1", "--rate", "5/s"])
        #expect(other["items"][0]["action"].string == "updated")
        let after = try desk.users()[0]
        #expect(after["session"].int == before["session"].int)
        #expect(after["ownPort"].int == before["ownPort"].int)
        #expect(after["to"].string == "198.51.100.8:1" && after["rate"].string == "5/s")
        try desk.checkAgreement()
        let list = "bob 198.51.100.7:1\ncarol [2001:db8::7]:1 rate=off\nalice 198.51.100.8:1\n"
        let replaced = try desk.ok(["relay-user", "-f", "-", "--replace-all"], input: list)
        #expect(replaced["counts"]["added"].int == 2 && replaced["counts"]["updated"].int == 1)
        #expect(try desk.names() == ["alice", "bob", "carol"])
        let fewer = try desk.ok(
          ["relay-user", "-f", "-", "--replace-all"], input: "dave 198.51.100.7:1")
        #expect(fewer["counts"]["added"].int == 1 && fewer["counts"]["removed"].int == 3)
        #expect(try desk.names() == ["dave"])
        try desk.checkAgreement()
        #expect(try desk.ok(["dump", "users", "dave"])["users"].array.count == 1)
        #expect(try desk.ok(["dump", "users", "198.51.100.7"])["users"].array.count == 1)
        #expect(try desk.ok(["dump", "users", "198.51.100.8"])["users"].array.isEmpty)
        let gone = try desk.ok(["relay-user", "--remove", "dave", "nobody"])
        #expect(gone["items"].array.map { $0["action"].string } == ["removed", "unchanged"])
        #expect(try desk.users().isEmpty)
        try desk.checkAgreement()
        #expect(
          try desk.fails(65, ["relay-user", "-f", "-"], input: "# none\n").contains("has no users"))
      }
    }

    @Test("the metrics of all users do not fall with a user, and begin anew with another table")
    func totals() throws {
      try with { desk in
        func metrics() throws -> [Int] {
          let text = try desk.run(["metrics"]).output
          return try ["packets_total", "bytes_total"].flatMap { name in
            try ["forth", "back"].map { way in
              let start = "\naegis_relay_\(name){way=\"\(way)\"} "
              let line = try #require(text.range(of: start), "\(name) \(way)")
              return Int(text[line.upperBound...].prefix { $0.isNumber }) ?? -1
            }
          }
        }
        func stats() throws -> [Int?] {
          let item = try desk.ok(["stats", "--by", "user"])["items"][0]
          return ["packets", "packetsBack", "bytes", "bytesBack"].map { item[$0].int }
        }
        /// As the datapath does.
        func count() throws {
          let users = try MappedValues<aegis_relay_user>(
            pinnedAt: desk.aegis.root + "/current/relay_user")
          var value = users.value(at: 0)
          value.packets += 3
          value.bytes += 300
          value.packets_back += 2
          value.bytes_back += 200
          users.set(value, at: 0)
        }
        try desk.set(desk.keys(1))
        #expect(try metrics() == [0, 0, 0, 0])
        let add = ["relay-user", "alice", "--to", "198.51.100.7:1"]
        try desk.ok(add)
        try count()
        #expect(try metrics() == [3, 2, 300, 200] && stats() == [3, 2, 300, 200])
        for words in [["relay-user", "--remove", "alice"], add] {
          try desk.ok(words)
          #expect(try metrics() == [3, 2, 300, 200], "\(words)")
        }
        #expect(try stats() == [0, 0, 0, 0])
        try count()
        for words in [
          ["load", "--replace", "--max-drops", "128"], ["load", "--rollback"],
          ["set-relay", "--off"],
          RelayDesk.words(try desk.keys(1)),
        ] {
          try desk.ok(words)
          #expect(try stats() == [3, 2, 300, 200], "\(words)")
        }
        #expect(try metrics() == [6, 4, 600, 400])
        for words in [["--replace", "--max-users", "32"], ["--rollback"]] {
          try desk.ok(["load"] + words)
          #expect(try metrics() == [0, 0, 0, 0] && stats() == [3, 2, 300, 200], "\(words)")
        }
        try count()
        #expect(try metrics() == [3, 2, 300, 200] && stats() == [6, 4, 600, 400])
      }
    }

    @Test("why and replay say that they do not check the token")
    func explained() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        // IPv4 and UDP, from 203.0.113.7:1000 to 192.0.2.1:4500.
        let packet: [UInt8] =
          [0x45, 0, 0, 60, 0, 0, 0, 0, 64, 17, 0, 0, 203, 0, 113, 7, 192, 0, 2, 1]
          + [0x03, 0xe8, 0x11, 0x94, 0, 40, 0, 0] + [UInt8](repeating: 0, count: 32)
        let hex = packet.map { String(format: "%02x", $0) }.joined()
        let outcome = try desk.run(["why", "-"], input: hex)
        #expect(outcome.status == 0, "\(outcome)")
        let lines = outcome.output.split(separator: "\n")
        let step = try #require(lines.first { $0.hasPrefix("relay ") }, "\(outcome)")
        #expect(step.contains("passes") && step.hasSuffix("if its token is valid: not checked"))
        #expect(outcome.output.contains("pass.relay"))
        let other = try desk.run(["why", "203.0.113.7", "to", "53/udp"]).output
        #expect(
          other.split(separator: "\n").contains {
            $0.hasPrefix("relay ") && $0.contains("not for it")
          })

        let little = { (number: UInt32) in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
        let ethernet = [UInt8](repeating: 2, count: 12) + [8, 0]
        let length = UInt32(ethernet.count + packet.count)
        let head: [[UInt8]] = [
          little(0xa1b2_c3d4), [2, 0, 4, 0], little(0), little(0), little(65535), little(1),
          little(1_700_000_000), little(0), little(length), little(length),
        ]
        let capture = try desk.directory.file(
          "relay.pcap", head.flatMap(\.self) + ethernet + packet)
        let replay = try desk.run(["replay", capture])
        #expect(replay.status == 0 && replay.output.contains("1, whose tokens are not checked"))
      }
    }

    @Test("what the datapath notes of a user stays when the user is changed")
    func notes() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1"])
        let users = try MappedValues<aegis_relay_user>(
          pinnedAt: desk.aegis.root + "/current/relay_user")
        var value = users.value(at: 0)
        (value.newest, value.packets, value.bytes, value.tat) = (7, 3, 300, 11)
        value.window.0 = 99
        value.forth.until = 5
        users.set(value, at: 0)
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.9:1", "--rate", "7/s"])
        let after = users.value(at: 0)
        #expect((after.newest, after.packets, after.bytes, after.tat) == (7, 3, 300, 11))
        #expect(after.window.0 == 99 && after.forth.until == 0)
        let stats = try desk.ok(["stats", "--by", "user", "--top", "1"])
        #expect(stats["items"][0]["packets"].int == 3 && stats["items"][0]["bytes"].int == 300)
        try desk.ok(["relay-user", "--remove", "alice"])
        try desk.ok(["relay-user", "bob", "--to", "198.51.100.9:1"])
        let fresh = users.value(at: 0)
        #expect((fresh.newest, fresh.tat) == (0, 0))
        // Its counters go on, and it counts from there.
        #expect((fresh.packets, fresh.bytes) == (3, 300))
        let counted = try desk.ok(["stats", "--by", "user"])["items"][0]
        #expect(counted["packets"].int == 0 && counted["bytes"].int == 0)
        #expect(fresh.window.0 == 0 && fresh.family == 4)
        #expect(fresh.generation != after.generation && fresh.generation != 0)
      }
    }

    @Test("there is no user too many, and then nothing changes")
    func full() throws {
      try with(users: 4) { desk in
        try desk.set(desk.keys(1))
        let list = (0..<4).map { "user\($0) 198.51.100.7:\($0 + 1)" }
        try desk.ok(["relay-user", "-f", "-"], input: list.joined(separator: "\n"))
        let more = "user0 198.51.100.9:9\nnew 198.51.100.7:9\n"
        let error = try desk.fails(1, ["relay-user", "-f", "-"], input: more)
        #expect(error.contains("no room for 5 users: the relay has room for 4"))
        #expect(error.contains("aegisctl load --replace --max-users 8"))
        #expect(try desk.users()[0]["to"].string == "198.51.100.7:1")
        // A table that is full can still change, and be replaced.
        let turned = (0..<4).map { "user\($0) 198.51.100.7:\(($0 + 1) % 4 + 1)" }
        try desk.ok(["relay-user", "-f", "-"], input: turned.joined(separator: "\n"))
        try desk.checkAgreement()
        let others = (0..<4).map { "other\($0) 198.51.100.7:\($0 + 1)" }
        try desk.ok(
          ["relay-user", "-f", "-", "--replace-all"], input: others.joined(separator: "\n"))
        #expect(try desk.names() == (0..<4).map { "other\($0)" })
        try desk.checkAgreement()
        try desk.ok(["load", "--replace", "--max-users", "8"])
        try desk.ok(["relay-user", "new", "--to", "198.51.100.7:9"])
        #expect(try desk.fails(1, ["load", "--replace", "--max-users", "4"]).contains("relay_"))
        try desk.checkAgreement()
      }
    }

    @Test("there are as many users of a destination as ports")
    func ports() throws {
      try with { desk in
        try desk.set(desk.keys(1), ports: "20000-20001")
        for name in ["a", "b"] { try desk.ok(["relay-user", name, "--to", "198.51.100.7:1"]) }
        let error = try desk.fails(65, ["relay-user", "c", "--to", "198.51.100.7:1"])
        #expect(error.contains("no port is left toward 198.51.100.7:1"))
        try desk.ok(["relay-user", "c", "--to", "198.51.100.7:2"])
        let narrow = try desk.fails(65, RelayDesk.words(desk.keys(1), ports: "20001-20002"))
        #expect(narrow.contains("the range of ports does not have the port 20000 of the user a"))
        try desk.set(desk.keys(1), ports: "19999-20005")
        try desk.ok(["relay-user", "--remove", "a"])
        try desk.ok(["relay-user", "d", "--to", "198.51.100.7:1"])
        try desk.checkAgreement()
      }
    }

    @Test("a user whose time has passed is not there, and makes room")
    func expiry() throws {
      try with(users: 1) { desk in
        try desk.set(desk.keys(1))
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1", "--ttl", "1s"])
        #expect(try desk.names() == ["alice"])
        Thread.sleep(forTimeInterval: 1.1)
        #expect(try desk.names() == [])
        let metrics = try desk.run(["stats", "-o", "prometheus"]).output
        #expect(metrics.contains("\naegis_relay_users 0\n"))
        #expect(try desk.fails(65, ["relay-token", "alice"]).contains("no user alice"))
        try desk.ok(["relay-user", "bob", "--to", "198.51.100.7:1"])
        #expect(try desk.names() == ["bob"])
        try desk.checkAgreement()
      }
    }

    @Test("what a killed call left is mended by the next one")
    func leftovers() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        for name in ["a", "b"] { try desk.ok(["relay-user", name, "--to", "198.51.100.7:1"]) }
        let current = desk.aegis.root + "/current/"
        let names = try BPFMap<aegis_relay_name, UInt32>(pinnedAt: current + "relay_name")
        let backs = try BPFMap<aegis_relay_back, UInt32>(pinnedAt: current + "relay_back")
        try names.update(9, forKey: RelayName("ghost").key)
        let entry = try #require(try backs.entries().first)
        try backs.remove(entry.key)
        try backs.update(
          9, forKey: RelayBack(destination: RelayEndpoint("198.51.100.9:9"), ownPort: 9).key)
        #expect(try desk.names() == ["a", "b"])
        try desk.ok(["relay-user", "c", "--to", "198.51.100.7:1"])
        #expect(try desk.names() == ["a", "b", "c"])
        try desk.checkAgreement()
      }
    }

    @Test("switching off that was killed leaves no key of a token, once it is repeated")
    func killedOff() throws {
      try with { desk in
        let keys = try desk.keys(1)
        let table = desk.aegis.root + "/current/relay_user"
        try desk.set(keys)
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1"])
        func kept() throws -> Bool {
          try MappedValues<aegis_relay_user>(pinnedAt: table).value(at: 0).own.mark != 0
        }
        func keep() throws {
          let users = try MappedValues<aegis_relay_user>(pinnedAt: table)
          var user = users.value(at: 0)
          user.own.mark = 1
          users.set(user, at: 0)
        }
        let command = desk.aegis.command(["set-relay", "--off"])
        let calls = try Strace.record(command, from: desk.aegis.root).filter { $0.name == "bpf" }
        for call in calls {
          try desk.set(keys)
          try keep()
          _ = try Strace.run(command, "signal=SIGKILL", at: call)
          try desk.ok(["set-relay", "--off"])
          #expect(try !kept(), "killed at \(call)")
        }
      }
    }

    @Test("a change of keys that was killed is finished by repair")
    func killedChange() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        let pin = desk.aegis.root + "/current/relay"
        var settings = try desk.settings
        settings.mark = 0
        try BPFMap<UInt32, aegis_relay>(pinnedAt: pin).update(settings, forKey: 0)
        let found = try desk.run(["doctor", "-o", "json"]).json["items"].array
        #expect(found.contains { $0["message"].string == "the change of its keys was interrupted" })
        try desk.ok(["repair"])
        #expect(try desk.settings.mark != 0)
      }
    }

    @Test("tokens of removed users stay void in a table that was made smaller and larger again")
    func shrunk() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        let names = (0..<8).map { "u\($0)" }
        func sessions() throws -> Set<Int> {
          for name in names { try desk.ok(["relay-user", name, "--to", "198.51.100.7:1"]) }
          return Set(try desk.users().compactMap { $0["session"].int }.filter { $0 & 0xfffff >= 4 })
        }
        let before = try sessions()
        try desk.ok(["relay-user", "--remove"] + names)
        try desk.ok(["load", "--replace", "--max-users", "4"])
        try desk.ok(["load", "--replace", "--max-users", "8"])
        let after = try sessions()
        #expect(before.count == 4 && after.count == 4)
        // By chance one may come again.
        #expect(before.intersection(after).count < 2)
      }
    }

    @Test("a replaced datapath and one before it have the relay too")
    func replaced() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        try desk.ok(["relay-user", "alice", "--to", "198.51.100.7:1"])
        for words in [
          ["--replace", "--max-users", "32"], ["--rollback"], ["--replace", "--max-drops", "128"],
        ] {
          try desk.ok(["load"] + words)
          #expect(try desk.isOn && desk.part != nil, "\(words)")
          #expect(try desk.names() == ["alice"], "\(words)")
          try desk.checkAgreement()
        }
        try desk.ok(["set-relay", "--off"])
        try desk.ok(["load", "--replace", "--max-users", "64"])
        #expect(try !desk.isOn && desk.part == nil)
      }
    }

    @Test("repair tells the relay about a clock that was set, and brings its program back")
    func repaired() throws {
      try with { desk in
        try desk.set(desk.keys(1))
        #expect(try desk.ok(["repair"])["changed"].bool == false)
        let map = try BPFMap<UInt32, aegis_relay>(pinnedAt: desk.aegis.root + "/current/relay")
        var relay = try desk.settings
        let epoch = relay.epoch
        relay.epoch -= 90_000_000_000
        try map.update(relay, forKey: 0)
        #expect(try desk.run(["status"]).output.contains("CLOCK OFF by 90.0 s"))
        let skew = try #require(try desk.ok(["status"])["relay"]["clockSkewSeconds"].double)
        #expect(abs(skew - 90) < 1)
        let metrics = try desk.run(["metrics"]).output
        #expect(metrics.contains("\naegis_relay_clock_skew_seconds 90"))
        #expect(metrics.contains("\naegis_relay_users 0\n"))
        #expect(try desk.ok(["repair"])["changed"].bool == true)
        #expect(abs(Int64(try desk.settings.epoch) - Int64(epoch)) < 1_000_000_000)
        try FileManager.default.removeItem(atPath: desk.aegis.root + "/current/aegis_relay")
        #expect(try desk.ok(["repair"])["changed"].bool == true)
        #expect(try desk.names("current").contains("aegis_relay") && desk.part != nil)
        #expect(try desk.ok(["repair"])["changed"].bool == false)
      }
    }

    @Test("of callers at the same time, one changes something and none loses a user")
    func callers() throws {
      try with(users: 64) { desk in
        let words = try RelayDesk.words(desk.keys(1))
        func together(_ all: [[String]]) throws -> Int {
          let calls = try all.map { try desk.aegis.command($0 + ["-o", "json"]).start() }
          let outcomes = try calls.map { try $0.wait() }
          #expect(outcomes.allSatisfy { $0.status == 0 }, "\(outcomes)")
          return try outcomes.count { try $0.json["changed"].bool == true }
        }
        #expect(try together([words, words, words]) == 1)
        let alice = ["relay-user", "alice", "--to", "198.51.100.7:1"]
        #expect(try together([alice, alice, alice]) == 1)
        let others = (0..<8).map { ["relay-user", "user\($0)", "--to", "198.51.100.7:1"] }
        #expect(try together(others) == 8)
        #expect(try desk.users().count == 9)
        #expect(Set(try desk.users().compactMap { $0["ownPort"].int }).count == 9)
        try desk.checkAgreement()
      }
    }

    @Test("a hundred thousand users come in one call")
    func many() throws {
      try with(users: 131_072) { desk in
        try desk.set(desk.keys(1), ports: "10000-60000")
        let lines = (0..<100_000).map {
          "user\($0) 198.51.\($0 >> 8 & 255).\($0 & 255):\(1 + $0 >> 16)"
        }
        let file = try desk.directory.file("users", lines.joined(separator: "\n").utf8)
        for (words, count) in [
          (["relay-user", "-f", file], 100_000), (["relay-user", "-f", file], 0),
          (["relay-user", "-f", file, "--rate", "5/s"], 100_000),
          (["relay-user", "--remove", "-f", file], 100_000),
        ] {
          let start = ContinuousClock.now
          let outcome = try desk.ok(words)
          print(
            "\(words.dropFirst().first ?? ""): \(start.duration(to: .now)) for \(count) changes")
          let changed = outcome["counts"].keys.filter { $0 != "unchanged" }
            .reduce(0) { $0 + (outcome["counts"][$1].int ?? 0) }
          #expect(changed == count)
        }
      }
    }
  }
}
