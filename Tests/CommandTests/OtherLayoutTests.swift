import Foundation
import TestSupport
import Testing

@Suite(
  .serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"),
  .enabled(if: Tool.isExpected("bpftool"), "needs bpftool"))
struct OtherLayoutTests {
  /// What to write over `meta`: where it begins, and the bytes.
  enum Change: String, CaseIterable, Sendable {
    case abi, layout

    var offset: Int { self == .abi ? 16 : 0 }
  }

  @Test(
    arguments: EveryVerb.policy + [["load"], ["load", "--replace"], ["unload"]], Change.allCases)
  func isRefused(_ command: [String], _ change: Change) throws {
    try Loaded.fresh { instance in
      try write(99, change, instance)
      let outcome = try OwnNamespace.with { try instance.run(command, namespace: $0) }
      let found = change == .abi ? "has layout 99" : "has layout 6 of another build"
      Refusal.check(outcome, 78, "the datapath at \(instance.root) \(found)")
      #expect(outcome.error.contains("\nhint: "))
      #expect(outcome.error.contains("aegisctl unload --force"))
    }
  }

  @Test(arguments: Change.allCases)
  func unloadByForceWorks(_ change: Change) throws {
    try Loaded.fresh { instance in
      try OwnNamespace.with { namespace in
        try instance.run(["attach", "lo"], namespace: namespace)
        try write(99, change, instance)
        let outcome = try instance.run(["unload", "--force"], namespace: namespace)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: instance.root))
        let link = try Command(["ip", "link", "show", "lo"], namespace: namespace).succeed()
        #expect(!link.contains("xdp"))
        #expect(try instance.run(["load", "-q"] + Loaded.smallest).status == 0)
      }
    }
  }

  private func write(_ byte: UInt8, _ change: Change, _ instance: Aegisctl) throws {
    let map = ["pinned", instance.root + "/current/meta", "key", "0", "0", "0", "0"]
    let found = try Command(["bpftool", "--json", "map", "lookup"] + map).succeed()
    var value = try JSON(parsing: found)["value"].array.compactMap { byte in
      // As bpftool writes it: 0x2a.
      byte.string.flatMap { UInt8($0.dropFirst(2), radix: 16) }
    }
    try #require(value.count > 64)
    value[change.offset] = byte
    let bytes = value.map { "\($0)" }
    try Command(["bpftool", "map", "update"] + map + ["value"] + bytes).succeed()
  }
}
