import Foundation
import TestSupport
import Testing

/// In a mount namespace of its own, as `ip netns exec` makes one, pins end with the shell.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct PrivateMountTests {
  @Test func theHintFitsThePlace() throws {
    try OwnNamespace.with { name in
      let tool = BuiltBinary.path("aegisctl")
      let script = """
        \(tool) status; \(tool) doctor | grep -A 2 bpffs
        mount -t bpf -o mode=700 bpf /sys/fs/bpf
        \(tool) load -q \(Loaded.smallest.joined(separator: " ")) && \(tool) attach lo -q
        \(tool) doctor | grep -A 2 bpffs
        """
      let outcome = try Command(
        ["ip", "netns", "exec", name, "sh", "-c", script], environment: ["AEGIS_PIN_ROOT": nil]
      ).run()
      let command = "nsenter --net=/run/netns/\(name) aegisctl ..."
      #expect(!outcome.error.contains("mount -t bpf"), "\(outcome)")
      #expect(outcome.error.contains("hint: pins made in this mount namespace are lost with it"))
      #expect(
        outcome.error.contains("warning: /sys/fs/bpf/aegis is on a BPF file system of this mount"))
      #expect(
        outcome.output.contains("a BPF file system of this mount namespace only"), "\(outcome)")
      #expect(outcome.error.components(separatedBy: command).count == 3, "\(outcome)")
    }
  }

  /// The same mount namespace, or another that has the same file system: nothing to say.
  @Test(arguments: [[], ["unshare", "--mount"]])
  func whatIsSharedIsNotWarnedOf(_ prefix: [String]) throws {
    try OwnNamespace.with { namespace in
      try Loaded.fresh { instance in
        let attach = instance.command(["attach", "lo"])
        let outcome = try Command(
          prefix + attach.arguments, environment: attach.environment, namespace: namespace
        ).run()
        #expect(outcome.status == 0)
        #expect(!outcome.error.contains("mount namespace"), "\(outcome)")
      }
    }
  }

  @Test func aMountThatCannotBeWrittenTo() throws {
    let outcome = try PrivateMount.run(
      mode: "700",
      """
      aegisctl load -q \(Loaded.smallest.joined(separator: " ")) --pin-root $D/aegis
      mount -o remount,bind,ro $D; unshare --net aegisctl attach lo --pin-root $D/aegis; echo $?
      """)
    #expect(outcome.output == "71\n", "\(outcome)")
    #expect(
      outcome.error.contains("/aegis/links/1: Read-only file system\nhint: mount -o remount,rw /"))
    #expect(outcome.error.contains("cannot pin link at "))
  }

  /// What load made of the path, unload takes away again; what was there stays.
  @Test func directoriesThatLoadMadeGo() throws {
    let base = Aegisctl.randomRoot()
    try Command(["mkdir", "-m", "755", base]).succeed()
    defer { _ = try? Command(["rm", "-r", base]).run() }
    let instance = Aegisctl(root: base + "/a/b/c")
    for beside in [false, true] {
      try Loaded.load(instance)
      if beside { try Command(["mkdir", base + "/a/other"]).succeed() }
      #expect(try instance.run(["unload"]).status == 0)
      #expect(try Command(["ls", base]).succeed() == (beside ? "a\n" : ""))
      if beside {
        #expect(try Command(["ls", base + "/a"]).succeed() == "other\n")
      }
    }
  }
}
