import Foundation
import Linux
import TestSupport
import Testing

/// Pins that somebody removed are told from pins that were never there.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct DamagedTests {
  enum Loss: String, CaseIterable, Sendable {
    case meta, generation, current, dangling, config

    func inflict(on root: String) throws {
      switch self {
      case .meta: try FileSystem.remove(root + "/gen1/meta")
      case .generation: try FileSystem.removeTree(root + "/gen1")
      case .current: try FileSystem.remove(root + "/current")
      case .dangling:
        try FileSystem.remove(root + "/current")
        try FileSystem.symlink(to: "gen7", at: root + "/current")
      case .config: try FileSystem.remove(root + "/gen1/config")
      }
    }

    var finding: String {
      switch self {
      case .meta: "the pin current/meta is missing"
      case .generation: "current points to gen1, which does not exist"
      case .current: "current is missing, but links/1 exists"
      case .dangling: "current points to gen7, which does not exist"
      case .config: "the pin current/config is missing"
      }
    }
  }

  private func with(_ loss: Loss, _ body: (Aegisctl, String) throws -> Void) throws {
    try OwnNamespace.with { namespace in
      try Loaded.fresh { instance in
        try instance.run(["attach", "lo"], namespace: namespace)
        try instance.run(["drop-ip", "127.0.0.1", "--note", "kept"], namespace: namespace)
        try loss.inflict(on: instance.root)
        try body(instance, namespace)
      }
    }
  }

  @Test(arguments: Loss.allCases)
  func everyVerbSaysSo(_ loss: Loss) throws {
    try with(loss) { instance, namespace in
      let before = try Command(["ls", "-lR", instance.root]).succeed()
      for command in EveryVerb.policy + [["load"], ["load", "--replace"], ["unload"]]
      where !Self.mends(command, loss) {
        let outcome = try instance.run(command, namespace: namespace)
        Refusal.check(
          outcome, 78, "the pins at \(instance.root) are damaged: \(loss.finding)\nhint: ")
        #expect(outcome.error.contains("aegisctl repair"), "\(command)")
      }
      #expect(try Command(["ls", "-lR", instance.root]).succeed() == before)
    }
  }

  /// What does without the pin that is gone works on.
  private static func mends(_ command: [String], _ loss: Loss) -> Bool {
    if command == ["repair"] { return true }
    guard loss == .config else { return false }
    let without = ["unload", "detach", "attach", "events", "latency", "replay", "why"]
    return without.contains(command[0]) || command == ["dump", "links"]
      || command == ["stats", "lo"] || command == ["stats"] || command == ["confirm"]
      || command == ["rollback"]
  }

  /// The program, its maps and the link never stopped; what only a pin held is made anew.
  @Test(arguments: Loss.allCases)
  func repairBringsItBack(_ loss: Loss) throws {
    try with(loss) { instance, namespace in
      func run(_ arguments: String...) throws -> Outcome {
        try instance.run(arguments, namespace: namespace)
      }
      let dry = try run("repair", "--dry-run", "-o", "json")
      #expect(dry.status == 1)
      #expect(try dry.json["changed"].bool == true)
      let done = try run("repair", "-o", "json")
      #expect(done.status == 0, "\(done)")
      let again = try run("repair", "--dry-run")
      #expect(again.status == 0, "\(again)")
      let drop = try run("dump", "drops", "-o", "json").json["drops"][0]
      #expect(drop["name"].string == "127.0.0.1")
      // The datapath reads no notes: with all pins they are lost.
      #expect((drop["note"].string == "kept") == (loss != .generation))
      #expect(try run("dump", "links", "-o", "name").output == "lo\n")
      #expect(try run("status", "-o", "json").json["defaultAction"].string == "allow")
      #expect(try run("drop-ip", "192.0.2.1").status == 0)
      #expect(try run("load", "--replace", "--max-drops", "80").status == 0)
      let unload = try run("unload", "--force")
      #expect(unload.status == 0, "\(unload)")
      let link = try Command(["ip", "link", "show", "lo"], namespace: namespace).succeed()
      #expect(!link.contains("xdp"))
    }
  }

  @Test(arguments: Loss.allCases)
  func unloadByForceLeavesNothing(_ loss: Loss) throws {
    try with(loss) { instance, namespace in
      let outcome = try instance.run(["unload", "--force"], namespace: namespace)
      #expect(outcome.status == 0, "\(outcome)")
      #expect(!FileManager.default.fileExists(atPath: instance.root))
      let link = try Command(["ip", "link", "show", "lo"], namespace: namespace).succeed()
      #expect(!link.contains("xdp"))
    }
  }

  /// Neither a pin nor a link holds the program: there is nothing to bring back.
  @Test func whatIsGoneForGoodIsSaidToBe() throws {
    try Loaded.fresh { instance in
      try Loss.generation.inflict(on: instance.root)
      Refusal.check(try instance.run(["status"]), 78, "are damaged")
      let before = try Command(["ls", "-R", instance.root]).succeed()
      Refusal.check(try instance.run(["repair"]), 1, "unload --force")
      #expect(try Command(["ls", "-R", instance.root]).succeed() == before)
      #expect(try instance.run(["unload", "--force"]).status == 0)
    }
  }

  /// A link that lost its pin filters on; unload finds it by the program that it runs.
  @Test func aLinkWithoutItsPinIsTakenOff() throws {
    try OwnNamespace.with { namespace in
      try Loaded.fresh { instance in
        try instance.run(["attach", "lo"], namespace: namespace)
        let held = instance.root + "-held"
        try FileSystem.rename(instance.root + "/links/1", to: held)
        defer { _ = try? FileSystem.remove(held) }
        let outcome = try instance.run(["unload"], namespace: namespace)
        Refusal.check(outcome, 1, "the datapath is still attached to interface 1 by the link ")
        #expect(try instance.run(["unload", "--force"], namespace: namespace).status == 0)
        let link = try Command(["ip", "link", "show", "lo"], namespace: namespace).succeed()
        #expect(!link.contains("xdp"))
      }
    }
  }

  /// What no link holds is not aegisctl's to take off: it is said, with the command.
  @Test func whatStaysAttachedIsSaid() throws {
    try OwnNamespace.with { namespace in
      try Loaded.fresh { instance in
        try Command(
          [
            "ip", "link", "set", "dev", "lo", "xdpgeneric", "pinned",
            instance.root + "/current/aegis",
          ],
          namespace: namespace
        ).succeed()
        let outcome = try instance.run(["unload", "--force"], namespace: namespace)
        Refusal.check(
          outcome, 1, "unloaded, but lo still runs the program, attached by netlink\nhint: ")
        let off = try #require(outcome.error.split(separator: "\n").last).dropFirst("hint: ".count)
        try Command(off.split(separator: " ").map(String.init), namespace: namespace).succeed()
      }
    }
  }
}
