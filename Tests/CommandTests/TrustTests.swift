import Foundation
import Linux
import TestSupport
import Testing

/// A user without privileges who owns a parent, the root or something in it changes nothing that root then believes.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct TrustTests {
  private static let load = "load -q " + Loaded.smallest.joined(separator: " ")

  /// The same of every verb: refused, whatever it is, and nothing is changed.
  private func everyVerb(_ instance: Aegisctl, refuses message: String) throws {
    let before = try Command(["ls", "-lR", instance.root]).succeed()
    for command in EveryVerb.all where command != ["unload", "--force"] {
      Refusal.check(try instance.run(command), 77, "cannot trust \(instance.root): \(message)")
    }
    #expect(try Command(["ls", "-lR", instance.root]).succeed() == before)
  }

  private func give(_ path: String) throws {
    try Command(["chown", "-h", "65534", path]).succeed()
  }

  @Test func theRootIsAnothers() throws {
    try Loaded.fresh { instance in
      try give(instance.root)
      let message = "\(instance.root) belongs to the user 65534"
      try everyVerb(instance, refuses: message)
      let outcome = try instance.run(["unload", "--force"])
      Refusal.check(outcome, 77, message)
      #expect(outcome.error.contains("hint: act as that user: setpriv --reuid 65534 "))
      try Command(["chown", "root", instance.root]).succeed()
      #expect(try instance.run(["status"]).status == 0)
    }
  }

  /// Who owns it takes the root away, and unload would say that there is nothing, while packets are filtered.
  @Test func aParentIsAnothers() throws {
    let parent = Aegisctl.randomRoot()
    let instance = Aegisctl(root: parent + "/aegis")
    defer {
      _ = try? Command(["chown", "root", parent]).succeed()
      instance.cleanUp()
    }
    try OwnNamespace.with { namespace in
      try Loaded.load(instance)
      try instance.run(["attach", "lo"], namespace: namespace)
      try give(parent)
      let message = "\(parent) belongs to the user 65534"
      try everyVerb(instance, refuses: message)
      try Command(["mv", instance.root, parent + "/hidden"]).succeed()
      for command in EveryVerb.all {
        Refusal.check(try instance.run(command), 77, message)
      }
      #expect(
        try Command(["ip", "link", "show", "lo"], namespace: namespace).succeed().contains("xdp"))
      try Command(["mv", parent + "/hidden", instance.root]).succeed()
      try Command(["chown", "root", parent]).succeed()
      #expect(try instance.run(["unload", "--force"], namespace: namespace).status == 0)
    }
    #expect(!FileManager.default.fileExists(atPath: parent), "load made it, unload leaves it")
  }

  @Test(arguments: ["0770", "0707", "1777"])
  func othersMayWriteToTheRoot(_ mode: String) throws {
    try Loaded.fresh { instance in
      try Command(["chmod", mode, instance.root]).succeed()
      let digits = mode.drop { $0 == "0" }
      try everyVerb(instance, refuses: "others may write to \(instance.root) (mode \(digits))")
      let outcome = try instance.run(["unload", "--force"])
      Refusal.check(outcome, 77, "hint: chmod go-w \(instance.root)\n")
      try Command(["chmod", "go-w", instance.root]).succeed()
      #expect(try instance.run(["status"]).status == 0)
    }
  }

  /// A path that leads to the instance of somebody else.
  @Test(arguments: ["", "/deeper"])
  func theRootIsASymbolicLink(_ rest: String) throws {
    try Loaded.fresh { victim in
      let link = Aegisctl.randomRoot()
      try FileSystem.symlink(to: victim.root, at: link)
      defer { _ = try? FileSystem.remove(link) }
      try give(link)
      for command in EveryVerb.all {
        let outcome = try Aegisctl(root: link + rest).run(command)
        Refusal.check(outcome, 77, "is reached through a symbolic link")
      }
      #expect(try victim.run(["status"]).status == 0)
    }
  }

  /// What was put there while the directory was open to others, by the names that are looked for.
  @Test(arguments: [
    "current", "previous", "moving", "links", "saved", "gen1", "gen1/config", "stray",
  ])
  func aSymbolicLinkInIt(_ name: String) throws {
    try Loaded.fresh { victim in
      try Loaded.fresh { instance in
        let path = instance.root + "/" + name
        _ = try? FileSystem.removeTree(path)
        try FileSystem.symlink(to: victim.root + "/" + name, at: path)
        try everyVerb(instance, refuses: "\(path) is reached through a symbolic link")
        try give(path)
        try everyVerb(instance, refuses: "\(path) belongs to the user 65534")
        let before = try Command(["ls", "-lR", victim.root]).succeed()
        #expect(try instance.run(["unload", "--force"]).status == 0)
        #expect(!FileManager.default.fileExists(atPath: instance.root))
        #expect(try Command(["ls", "-lR", victim.root]).succeed() == before)
        #expect(try victim.run(["status"]).status == 0)
      }
    }
  }

  @Test(arguments: ["gen1", "links", "gen1/config", "saved"])
  func somethingInItIsAnothers(_ name: String) throws {
    try Loaded.fresh { instance in
      let path = instance.root + "/" + name
      if name == "saved" { try FileSystem.makeDirectory(path) }
      try give(path)
      try everyVerb(instance, refuses: "\(path) belongs to the user 65534")
      #expect(try instance.run(["unload", "--force"]).status == 0)
      #expect(!FileManager.default.fileExists(atPath: instance.root))
    }
  }

  /// Of a directory that turns into a symbolic link while it is removed, nothing is removed beyond it.
  @Test func whatIsRemovedCannotBeExchanged() throws {
    let base = Aegisctl.randomRoot()
    let (tree, victim) = (base + "/tree", base + "/victim")
    try FileSystem.makeDirectory(victim + "/kept")
    defer { try? FileSystem.removeTree(base) }
    let swapper = try Command([
      "python3", "-c",
      """
      import os, time
      end = time.time() + 3
      while time.time() < end:
          try:
              os.mkdir("\(tree)/sub/x")
              os.rename("\(tree)/sub", "\(base)/aside")
              os.symlink("\(victim)", "\(tree)/sub")
              os.unlink("\(tree)/sub")
              os.rename("\(base)/aside", "\(tree)/sub")
          except OSError:
              pass
      """,
    ]).start()
    let end = Date() + 3
    var removed = 0
    while Date() < end {
      _ = try? FileSystem.makeDirectory(tree + "/sub")
      if (try? FileSystem.removeTree(tree)) != nil { removed += 1 }
      _ = try? FileSystem.remove(base + "/aside/x")
      _ = try? FileSystem.remove(base + "/aside")
    }
    _ = try swapper.wait()
    #expect(removed > 10)
    #expect(try FileSystem.exists(victim + "/kept"))
  }

  /// As `mount -t bpf bpf DIR` makes it.
  @Test func rootDoesNotUseWhatAnybodyCanWriteTo() throws {
    let outcome = try PrivateMount.run(
      mode: "1777",
      """
      aegisctl \(Self.load) --pin-root $D/aegis; echo $?
      aegisctl status --pin-root $D/aegis; echo $?
      mkdir $D/aegis; aegisctl unload --force --pin-root $D/aegis; echo $?
      nobody ln -s $D/elsewhere $D/link; aegisctl \(Self.load) --pin-root $D/link; echo $?
      aegisctl doctor --pin-root $D/aegis | grep -A 2 pin-root
      chmod go-w $D; aegisctl \(Self.load) --pin-root $D/aegis; echo $?
      """)
    #expect(outcome.output.hasPrefix("77\n77\n77\n77\nerror "), "\(outcome)")
    #expect(outcome.output.hasSuffix("\n0\n"), "\(outcome)")
    #expect(outcome.error.contains("(mode 1777)\nhint: chmod go-w /"), "\(outcome)")
  }

  /// With the capabilities, below a directory of their own, also where the mount is everybody's.
  @Test(arguments: ["1777", "755"])
  func aUserUsesTheirOwn(_ mode: String) throws {
    let outcome = try PrivateMount.run(
      mode: mode,
      """
      mkdir $D/own; chown 65534 $D/own; R=$D/own/aegis
      nobody aegisctl \(Self.load) --pin-root $R && nobody aegisctl drop-ip 192.0.2.1 --pin-root $R
      aegisctl status --pin-root $R; echo $?
      setpriv --reuid 65533 --clear-groups aegisctl status --pin-root $R; echo $?
      nobody aegisctl status -o name --pin-root $R
      nobody aegisctl unload --pin-root $R; ls $D/own
      """)
    #expect(outcome.output.contains("192.0.2.1  added  never expires\n77\n77\n"), "\(outcome)")
    #expect(outcome.output.hasSuffix("/own/aegis\n") == false)
    #expect(outcome.output.contains("/own/aegis  unloaded\n"), "\(outcome)")
  }

  @Test func whoLacksOnlyTheOwnershipIsToldSo() throws {
    let outcome = try PrivateMount.run(
      mode: "755",
      """
      aegisctl \(Self.load) --pin-root $D/aegis; nobody aegisctl status --pin-root $D/aegis; echo $?
      nobody aegisctl \(Self.load) --pin-root $D/new; echo $?
      """)
    #expect(outcome.output == "77\n77\n", "\(outcome)")
    let hints = outcome.error.split(separator: "\n").filter { $0.hasPrefix("hint: ") }
    #expect(hints.count == 2)
    for hint in hints {
      #expect(
        hint.hasSuffix("belongs to the user 0: run it as that user, or with CAP_DAC_OVERRIDE"))
    }
  }
}
