import BPF
import Foundation
import Linux
import TestSupport
import Testing

extension Kernel {
  /// What somebody did to the pins, and what a call left that was killed.
  struct RepairPinTests {
    private static let dropped = "192.0.2.9"

    private func prepared() throws -> Live {
      let live = try Live.attached()
      try live.ok(["drop-ip", Self.dropped, "--note", "kept"])
      return live
    }

    @Test(arguments: ["drop", "drop_head", "interfaces", "counters", "config", "cells", "aegis"])
    func aPinThatIsGone(name: String) throws {
      let live = try prepared()
      #expect(try !live.arrives(from: Self.dropped))
      try FileSystem.remove("\(live.aegis.root)/current/\(name)")
      let dry = try live.run(["repair", "--dry-run", "-o", "json"])
      #expect(dry.status == 1, "\(dry)")
      #expect(try dry.json["items"][0]["name"].string == "current/\(name)")
      #expect(try live.ok(["repair"])["items"][0]["action"].string == "adopted")
      #expect(try live.ok(["repair", "--dry-run"])["changed"].bool == false)
      #expect(try live.ok(["dump", "drops"])["drops"][0]["name"].string == Self.dropped)
      #expect(try live.stats()["drop.host"] == 1)
      #expect(try !live.arrives(from: Self.dropped))
    }

    /// Both directions share them: they are found by the other pin, with all that is in them.
    @Test(arguments: ["notes", "carried"])
    func aMapThatIsGone(name: String) throws {
      let live = try prepared()
      try FileSystem.remove("\(live.aegis.root)/current/\(name)")
      #expect(try live.ok(["repair"])["items"][0]["action"].string == "adopted")
      #expect(try live.ok(["repair"])["changed"].bool == false)
      let drop = try live.ok(["dump", "drops"])["drops"][0]
      #expect(drop["name"].string == Self.dropped)
      #expect(drop["note"].string == "kept")
      try live.ok(["drop-ip", "192.0.2.10", "--note", "new"])
      #expect(try live.ok(["dump", "drops"])["drops"].first("note", "new")["name"].string != nil)
    }

    @Test func aPinOfAnotherObject() throws {
      let live = try prepared()
      let foreign = try ForeignProgram()
      let current = live.aegis.root + "/current/"
      try FileSystem.remove(current + "aegis")
      try BPFProgram(pinnedAt: foreign.pin).pin(at: current + "aegis")
      try FileSystem.rename(current + "drop_head", to: current + "drop")
      let items = try live.ok(["repair"])["items"]
      for name in ["aegis", "drop", "drop_head"] {
        #expect(items.first("name", "current/" + name)["action"].string == "adopted", "\(name)")
      }
      #expect(try live.ok(["repair"])["changed"].bool == false)
      #expect(try live.ok(["dump", "drops"])["drops"].array.count == 1)
      #expect(try !live.arrives(from: Self.dropped))
    }

    @Test func aProgramThatIsGone() throws {
      let live = try prepared()
      try live.ok(["detach", live.interface])
      try FileSystem.remove(live.aegis.root + "/current/aegis")
      #expect(try live.fails(1, ["repair"]).contains("unload --force"))
    }

    @Test func anInterruptedReplacement() throws {
      let live = try prepared()
      try FileSystem.makeDirectory(live.aegis.root + "/gen7")
      #expect(try live.run(["repair", "--dry-run"]).status == 1)
      #expect(try live.names().contains("gen7"))
      #expect(try live.ok(["repair"])["items"][0]["action"].string == "finished")
      #expect(try live.ok(["repair"])["changed"].bool == false)
      #expect(try !live.names().contains("gen7"))
    }

    @Test func linksThatWereNotMovedYet() throws {
      let live = try prepared()
      let before = try live.ok(["dump", "links"])["links"][0]["program"].int
      // As a call leaves it that is killed once the new program is in force.
      try live.ok(["load", "--replace", "--max-drops", "2000"])
      let root = live.aegis.root
      do {
        let new = try BPFProgram(pinnedAt: root + "/current/aegis")
        let old = try BPFProgram(pinnedAt: root + "/previous/aegis")
        try BPFLink(pinnedAt: "\(root)/links/\(try live.sandbox.ifindex)")
          .update(to: old, replacing: new)
      }
      try FileSystem.symlink(to: "gen2", at: root + "/moving")
      #expect(try live.ok(["dump", "links"])["links"][0]["program"].int == before)
      let dry = try live.run(["repair", "--dry-run", "-o", "json"])
      #expect(dry.status == 1)
      #expect(try dry.json["items"].array.map { $0["action"].string } == ["finished", "unchanged"])
      #expect(try live.ok(["repair"])["items"][0]["name"].string == "moving")
      #expect(try live.ok(["repair"])["changed"].bool == false)
      #expect(try live.ok(["dump", "links"])["links"][0]["program"].int != before)
      #expect(try !live.arrives(from: Self.dropped))
    }

    /// Whatever moment a call dies at, one repair leaves nothing for another to do.
    @Test(
      .enabled(if: Strace.isPresent, "needs strace, to kill at a system call"),
      arguments: ["attach", "detach", "repair"])
    func afterAKill(verb: String) throws {
      let live = try prepared()
      var point = 1
      while try kill(verb, at: point, live) {
        let repaired = try live.ok(["repair"])
        #expect(try live.ok(["repair", "--dry-run"])["changed"].bool == false, "\(repaired)")
        let isAttached = try !live.ok(["dump", "links"])["links"].array.isEmpty
        #expect(try live.names("links").count == (isAttached ? 1 : 0))
        #expect(try live.arrives(from: Self.dropped) != isAttached, "killed at bpf() \(point)")
        if verb == "repair" { #expect(isAttached, "killed at bpf() \(point)") }
        point += Int.random(in: 1...3)
        try #require(point < 400)
      }
      #expect(point > 5)
    }

    private func kill(_ verb: String, at point: Int, _ live: Live) throws -> Bool {
      let interface = verb == "repair" ? [] : [live.interface]
      if verb == "attach" {
        try live.ok(["detach", live.interface])
      } else {
        try live.ok(["attach", live.interface])
      }
      if verb == "repair" {
        let link = try live.ok(["dump", "links"])["links"][0]["link"].int ?? 0
        try Command(["bpftool", "link", "detach", "id", "\(link)"]).succeed()
      }
      let call = live.aegis.command([verb] + interface, namespace: live.sandbox.host.namespace)
      let words = [
        "strace", "-qq", "-o", "/dev/null", "-e", "trace=bpf", "-e",
        "inject=bpf:signal=SIGKILL:when=\(point)",
      ]
      let outcome = try Command(
        words + call.arguments, environment: call.environment, namespace: call.namespace
      ).run()
      return outcome.status == 9 || outcome.status == 128 + 9
    }
  }
}
