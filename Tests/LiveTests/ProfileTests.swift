import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// Profiles: what each has, which one is in force, and what all share.
  @Suite struct ProfileTests {
    private static let head = "apiVersion: aegis/v1\nkind: Policy\n"
    private static let strict =
      head + """
        metadata: {profile: strict}
        spec:
          default: deny
          rates: [{rate: 10/h, burst: 4, port: 7003/udp}]
          rules: [{name: closed, match: {port: 7002/udp}, then: drop}]
          keys: [any:7003/udp, "any:7004-7005/udp"]

        """
    private static let main =
      head + "spec: {default: allow, keys: [any:7001/udp], drops: [192.0.2.9]}\n"

    private func apply(_ live: Live, _ text: String, _ words: String...) throws -> JSON {
      try live.ok(["apply", "-f", "-", "--force"] + words, input: text)
    }

    private func inForce(_ live: Live) throws -> String? {
      try live.ok(["dump", "profiles"])["profiles"].array.first { $0["inForce"].bool == true }?[
        "name"
      ].string
    }

    private func live() throws -> Live {
      let live = try Live.attached()
      _ = try apply(live, Self.main)
      _ = try apply(live, Self.strict)
      return live
    }

    @Test("each profile judges by what it has, and by what all share")
    func verdicts() throws {
      let live = try live()
      let arrives = { (port: UInt16) in try live.arrives(port: port) }
      for port in 7000...7005 as ClosedRange<UInt16> {
        let isThere = try arrives(port)
        #expect(isThere)
      }
      #expect(try live.ok(["switch", "strict"])["changed"].bool == true)
      #expect(try live.ok(["switch", "strict"])["changed"].bool == false)
      #expect(try inForce(live) == "strict")
      // A key of main, and keys of its own.
      #expect(try arrives(7001) && arrives(7004) && arrives(7005))
      #expect(try !arrives(7000) && !arrives(7002))
      #expect(try live.passes(9, port: 7003) == 4)
      #expect(try live.stats()["drop.rule"] == 1 && live.stats()["drop.rate"] == 5)
      // A ban holds in every profile, whichever was in force when it was set.
      #expect(try !live.arrives(from: "192.0.2.9"))
      try live.ok(["drop-ip", "192.0.2.8"])
      #expect(try live.ok(["switch", "main"])["changed"].bool == true)
      #expect(try !live.arrives(from: "192.0.2.8") && !live.arrives(from: "192.0.2.9"))
      #expect(try arrives(7000) && arrives(7002) && live.passes(9, port: 7003) == 9)
      let items = try live.ok(["dump", "rules", "--as", "strict"])["rules"]
      #expect(items.first("name", "closed")["packets"].int == 1)
      #expect(try live.ok(["dump", "rules"])["rules"].array.isEmpty)
    }

    @Test("why judges by the profile in force, or by another one")
    func why() throws {
      let live = try live()
      let ask = { (words: [String]) in
        try live.ok(["why", "192.0.2.1", "to"] + words)["reason"].string
      }
      #expect(try ask(["7002/udp"]) == "pass.default")
      #expect(try ask(["7002/udp", "--as", "strict"]) == "drop.rule")
      #expect(try ask(["7004/udp", "--as", "strict"]) == "pass.key")
      try live.ok(["switch", "strict"])
      #expect(try ask(["7002/udp"]) == "drop.rule")
      #expect(try ask(["7002/udp", "--as", "main"]) == "pass.default")
      let text = try live.run(["why", "192.0.2.1", "to", "7005/udp"]).output
      #expect(text.contains("any:7004"), "\(text)")
    }

    @Test("after the time of --for main is in force, without any process")
    func timed() throws {
      let live = try live()
      try live.ok(["switch", "strict", "--for", "600ms"])
      #expect(try !live.arrives(port: 7000))
      #expect(try live.ok(["status"])["profile"]["inForce"].string == "strict")
      #expect(try live.ok(["dump", "profiles"])["profiles"][1]["remaining"].double ?? 0 > 0)
      Thread.sleep(forTimeInterval: 0.7)
      #expect(try live.arrives(port: 7000))
      #expect(try inForce(live) == "main")
      #expect(try live.ok(["switch", "main"])["changed"].bool == false)
      #expect(try live.ok(["switch", "strict", "--for", "1h"])["changed"].bool == true)
      #expect(try live.ok(["switch", "strict"])["changed"].bool == true)
      #expect(try live.ok(["dump", "profiles"])["profiles"][1]["remaining"].isNull)
    }

    @Test("1000 switches under a flood: each packet is judged by one of two, and none is lost")
    func flood() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let pair = try VethPair(live.sandbox, number: 1)
      try live.ok(["attach", pair.interface])
      _ = try apply(live, Self.head + "spec: {default: deny}\n")
      _ = try apply(
        live, Self.head + "spec: {default: allow, rules: [{name: all, match: {}, then: drop}]}\n",
        "--as", "other")
      let session = try Session(at: PinRoot(live.aegis.root), timeout: .seconds(1))
      let datapath = try session.datapath()
      let table = ProfileTable(datapath)
      let profiles = try table.all()
      let frame = Frame(IPv4(.udp(), from: IPAddress("192.0.2.1")))
      let met = try pair.passage(of: 0).met
      let flow = PairFlow([Frame](repeating: frame, count: 32), over: pair)
      defer { _ = flow.stop() }
      for round in 1...1000 {
        try table.switchTo(profiles[round % 2], for: nil, in: session)
        usleep(1000)
      }
      let sent = flow.stop()
      Thread.sleep(forTimeInterval: 0.2)
      let came = try pair.passage(of: 0).met - met
      let stats = try live.stats(pair.interface)
      let (default_, rule) = (stats["drop.default"], stats["drop.rule"])
      print("1000 switches: \(sent) sent, \(came) came, \(default_) by main, \(rule) by the other")
      #expect(default_ + rule == came && stats.passed == 0 && came > 10_000)
      #expect(default_ > came / 10 && rule > came / 10)
      #expect(try table.inForce().switches == 1000)
    }

    @Test("with --when the datapath switches by itself, and back")
    func automatic() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let pair = try VethPair(live.sandbox, number: 1)
      try live.ok(["attach", pair.interface])
      _ = try apply(
        live, Self.head + "spec: {rules: [{name: all, match: {}, then: drop}]}\n", "--as", "war")
      let set = ["switch", "war", "--when", "received > 4k/s", "--for", "800ms"]
      #expect(try live.ok(set)["changed"].bool == true)
      #expect(try live.ok(set)["changed"].bool == false)
      let frame = Frame(IPv4(.udp(), from: IPAddress("192.0.2.1")))
      // Below the rate.
      for _ in 0..<40 {
        try pair.send([Frame](repeating: frame, count: 64))
        Thread.sleep(forTimeInterval: 0.025)
      }
      #expect(try live.stats(pair.interface)["drop.rule"] == 0 && inForce(live) == "main")
      let flow = PairFlow([Frame](repeating: frame, count: 16), over: pair)
      defer { _ = flow.stop() }
      Thread.sleep(forTimeInterval: 0.1)
      #expect(try live.stats(pair.interface)["drop.rule"] > 0)
      // It stays while the rate is exceeded, and so long after.
      Thread.sleep(forTimeInterval: 1.2)
      let profile = try live.ok(["status"])["profile"]
      #expect(profile["inForce"].string == "war" && profile["when"]["switches"].int == 1)
      _ = flow.stop()
      Thread.sleep(forTimeInterval: 0.4)
      #expect(try inForce(live) == "war")
      Thread.sleep(forTimeInterval: 0.7)
      #expect(try inForce(live) == "main")
      #expect(try live.fails(65, ["switch", "--remove", "war"]).contains("--when off"))
      #expect(try live.ok(["switch", "war", "--when", "off"])["changed"].bool == true)
      #expect(try live.ok(["switch", "war", "--when", "off"])["changed"].bool == false)
      try live.fails(65, ["switch", "war", "--when", "drop > 1/s", "--for", "1m"])
      try live.fails(65, ["switch", "war", "--when", "received > 1MB/s", "--for", "1m"])
      try live.fails(64, ["switch", "war", "--when", "received > 1k/s"])
    }

    @Test("two interfaces with two profiles, whichever is in force")
    func interfaces() throws {
      let live = try live()
      let pair = try VethPair(live.sandbox, number: 1)
      let other = pair.interface
      #expect(try live.ok(["attach", other, "--profile", "strict"])["changed"].bool == true)
      #expect(try live.ok(["attach", other, "--profile", "strict"])["changed"].bool == false)
      let frame = Frame(IPv4(.udp(7000), from: IPAddress("192.0.2.1")))
      func dropped() throws -> Int {
        let before = try live.stats(other).dropped
        try pair.send([frame])
        Thread.sleep(forTimeInterval: 0.05)
        return try live.stats(other).dropped - before
      }
      #expect(try dropped() == 1 && live.arrives(port: 7000))
      try live.ok(["attach", live.interface, "--profile", "main"])
      try live.ok(["switch", "strict"])
      #expect(try dropped() == 1 && live.arrives(port: 7000))
      try live.ok(["switch", "main"])
      #expect(try live.fails(65, ["switch", "--remove", "strict"]).contains(other))
      // It stays over a replacement, and goes with the interface.
      try live.ok(["load", "--replace", "--max-sources", "6000"])
      #expect(try dropped() == 1 && live.arrives(port: 7000))
      #expect(try live.run(["dump", "host", "-o", "yaml"]).output.contains("profile: strict"))
      try live.ok(["detach", other])
      try live.ok(["attach", other])
      #expect(try dropped() == 0)
      #expect(try live.ok(["switch", "--remove", "strict"])["changed"].bool == true)
    }

    @Test("a switch and a new profile are undone unless they are confirmed")
    func confirmation() throws {
      let live = try live()
      try live.ok(["switch", "strict", "--confirm-within", "1h"])
      #expect(try !live.arrives(port: 7000))
      _ = try apply(live, Self.head + "spec: {default: deny}\n", "--as", "third")
      try live.ok(["set-rule", "closed", "--remove", "--as", "strict"])
      try live.ok(["rollback", "--force"])
      #expect(try inForce(live) == "main" && live.arrives(port: 7000))
      let names = try live.ok(["dump", "profiles"])["profiles"].array.map { $0["name"].string }
      #expect(names == ["main", "strict"])
      #expect(try live.ok(["dump", "rules", "--as", "strict"])["rules"].array.count == 1)
      try live.ok(["switch", "strict", "--confirm-within", "1h"])
      try live.ok(["confirm"])
      #expect(try inForce(live) == "strict" && !live.arrives(port: 7000))
      // Nobody confirms: everything passes, and the next change goes back.
      try live.ok(["switch", "main", "--confirm-within", "200ms"])
      Thread.sleep(forTimeInterval: 0.3)
      #expect(try live.arrives(port: 7000))
      try live.ok(["drop-ip", "192.0.2.7"])
      #expect(try inForce(live) == "strict" && !live.arrives(port: 7000))
    }

    @Test("a replacement of the program, and back, keeps profiles and which is in force")
    func replaced() throws {
      let live = try live()
      try live.ok(["set-rate", "10/h", "--burst", "2", "--as", "strict"])
      try live.ok(["switch", "strict"])
      func check(_ comment: Comment) throws {
        let source = "203.0.113.\(Int.random(in: 1...250))"
        #expect(try !live.arrives(port: 7000) && live.arrives(from: source, port: 7001), comment)
        #expect(try inForce(live) == "strict", comment)
        #expect(try live.passes(5, from: "198.51.100.\(Int.random(in: 1...250))") <= 2, comment)
      }
      try check("before")
      for words in [["--replace"], ["--replace", "--max-sources", "6000"], ["--rollback"]] {
        try live.ok(["load"] + words)
        try check("\(words)")
      }
      #expect(try live.ok(["repair"])["changed"].bool == false)
      #expect(try live.run(["doctor"]).status <= 1)
    }

    @Test("dump writes all profiles, and apply reads them")
    func roundTrip() throws {
      let live = try live()
      let text = try live.run(["dump", "-o", "yaml"]).output
      #expect(text.contains("profile: strict"))
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: text).status == 0)
      let own = try live.run(["dump", "-o", "yaml", "--as", "strict"]).output
      #expect(try live.run(["diff", "-f", "-", "--prune"], input: own).status == 0)
      try live.ok(["unload", "--force"])
      try live.ok(["load"])
      _ = try apply(live, text)
      #expect(try live.run(["dump", "-o", "yaml"]).output == text)
      // A document of main as another profile.
      let plan = try apply(live, Self.head + "spec: {default: deny}\n", "--as", "copy")
      #expect(
        plan["items"][0]["part"].string == "profile" && plan["items"][0]["name"].string == "copy")
      #expect(try live.ok(["dump", "profiles"])["profiles"].array.count == 3)
    }

    @Test("a Host document gives an interface a profile that the same file makes")
    func host() throws {
      let live = Live(try Sandbox(ipv6: false))
      try live.ok(["load"])
      let text =
        Self.strict + "---\napiVersion: aegis/v1\nkind: Host\nspec:\n"
        + "  interfaces: [{name: \(live.interface), profile: strict}]\n"
      try live.ok(["apply", "-f", "-", "--force", "--dry-run"], input: text)
      _ = try apply(live, text)
      #expect(try !live.arrives(port: 7000) && live.arrives(port: 7004))
      #expect(try live.run(["diff", "-f", "-"], input: text).status == 0)
      #expect(try inForce(live) == "main")
      let other = text.replacingOccurrences(of: "profile: strict}]", with: "profile: main}]")
      #expect(try live.run(["diff", "-f", "-"], input: other).status == 1)
      _ = try apply(live, other)
      #expect(try live.arrives(port: 7000))
      try live.fails(65, ["apply", "-f", "-", "--as", "x"], input: text)
    }

    @Test("what a profile cannot have is refused, and nothing is changed")
    func refusals() throws {
      let live = try live()
      let bad = [
        "lists: []", "classes: []", "sourcePrefix: {v4: 24, v6: 64}", "drops: []",
        "out: {drops: []}", "keys: [{key: 'any:22/tcp', protect: true}]", "relay: {users: []}",
      ]
      for text in bad {
        let error = try live.fails(
          65, ["apply", "-f", "-", "--as", "new"], input: Self.head + "spec: {\(text)}\n")
        #expect(error.contains("profile new"), "\(error)")
      }
      #expect(try live.fails(65, ["switch", "new"]).contains("there are main, strict"))
      #expect(
        try live.fails(65, ["set-default", "deny", "--as", "new"]).contains("no profile new"))
      #expect(try live.fails(65, ["switch", "--remove", "main"]).contains("main"))
      try live.fails(64, ["set-rate", "--reset", "--as", "strict"])
      try live.ok(["switch", "strict"])
      #expect(try live.fails(65, ["switch", "--remove", "strict"]).contains("in force"))
      for number in 2...15 {
        _ = try apply(live, Self.head + "spec: {default: deny}\n", "--as", "p\(number)")
      }
      #expect(
        try live.fails(
          1, ["apply", "-f", "-", "--as", "p16"], input: Self.head + "spec: {default: deny}\n"
        ).contains("no more than 15 profiles"))
      #expect(try live.ok(["dump", "profiles"])["profiles"].array.count == 16)
    }

    @Test("the guard judges a profile when it is stored, when it is switched to, and keys of main")
    func guarded() throws {
      let host = try GuardedHost()
      let text = Self.head + "spec: {default: deny, keys: [any/udp, any/icmp]}\n"
      let refused = try host.run(["apply", "-f", "-", "--as", "strict"], input: text)
      #expect(refused.status == 79 && refused.error.contains("profile strict"), "\(refused)")
      #expect(try host.live.ok(["dump", "profiles"])["profiles"].array.count == 1)
      #expect(
        try host.run(["apply", "-f", "-", "--as", "strict", "--force"], input: text).status == 0)
      #expect(try host.run(["switch", "strict"]).status == 79)
      let interface = host.live.interface
      #expect(try host.run(["attach", interface, "--profile", "strict"]).status == 79)
      #expect(
        try host.run(["switch", "strict", "--when", "received > 1k/s", "--for", "1m"]).status == 79)
      #expect(try inForce(host.live) == "main")
      #expect(try host.run(["allow-key", "any:22/tcp"]).status == 0)
      #expect(try host.run(["switch", "strict"]).status == 0)
      // In main nothing needs that key.
      #expect(try host.run(["allow-key", "--remove", "any:22/tcp"]).status == 79)
      #expect(try host.run(["switch", "main"]).status == 0)
      #expect(try host.run(["allow-key", "--remove", "any:22/tcp"]).status == 79)
    }
  }
}
