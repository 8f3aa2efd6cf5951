import Foundation
import Glibc
import TestSupport
import Testing

private enum Release {
  /// In the package, above Tests/LiveTests.
  static let path = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".build/release/aegisctl").path

  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

  /// On a machine that should have built it, CI, they fail rather than being skipped.
  static var isToBeTested: Bool {
    isBuilt || Tool.isCI
  }
}

extension Kernel {
  /// What is shipped: one file that needs nothing else.
  @Suite(.enabled(if: Release.isToBeTested, "needs swift build -c release first"))
  struct ReleaseTests {
    @Test func itIsStatic() throws {
      try #require(Release.isBuilt, "there is no \(Release.path)")
      let file = try Data(contentsOf: URL(filePath: Release.path), options: .alwaysMapped)
      func number<Number: FixedWidthInteger>(_ offset: Int, _: Number.Type) throws -> Int {
        let end = offset + MemoryLayout<Number>.size
        try #require(end <= file.count)
        return file[offset..<end].reversed().reduce(0) { $0 << 8 | Int($1) }
      }
      // ELF of 64 bits, little-endian; gABI chapters 4 and 5.
      #expect(Array(file.prefix(6)) == [0x7f, 0x45, 0x4c, 0x46, 2, 1])
      let (start, size) = (try number(32, UInt64.self), try number(54, UInt16.self))
      let types = try (0..<number(56, UInt16.self)).map { index in
        try number(start + index * size, UInt32.self)
      }
      let (load, interpreter) = (1, 3)
      #expect(types.contains(load))
      #expect(!types.contains(interpreter))
    }

    /// In a tree that holds nothing else but /proc and /sys.
    @Test func itRunsAlone() throws {
      try #require(Release.isBuilt, "there is no \(Release.path)")
      let live = Live(try Sandbox(ipv6: false))
      let tree = "/tmp/aegis-test-\(RandomName.hex(8))"
      let files = FileManager.default
      for directory in ["", "/proc", "/sys"] {
        try files.createDirectory(atPath: tree + directory, withIntermediateDirectories: false)
      }
      // Never what is mounted there, should it still be.
      defer {
        unlink(tree + "/aegisctl")
        for directory in ["/proc", "/sys", ""] { rmdir(tree + directory) }
      }
      try files.copyItem(atPath: Release.path, toPath: tree + "/aegisctl")

      func run(_ call: String) throws -> JSON {
        let script = [
          "set -e", "mount -t proc proc \(tree)/proc", "mount --rbind /sys \(tree)/sys",
          "exec chroot \(tree) /aegisctl \(call) -o json",
        ]
        let outcome = try Command(
          ["unshare", "-m", "sh", "-c", script.joined(separator: "\n")],
          environment: ["AEGIS_PIN_ROOT": live.aegis.root, "SSH_CONNECTION": nil],
          namespace: live.sandbox.host.namespace
        ).run()
        try #require(outcome.status == 0, "\(call): \(outcome)")
        return try outcome.json
      }
      #expect(try run("load")["changed"].bool == true)
      #expect(try run("attach \(live.interface)")["items"][0]["mode"].string == "native")
      #expect(try run("set-rate 10/h --burst 7")["changed"].bool == true)
      #expect(try live.passes(20) == 7)
      let stats = Stats(try run("stats")["items"].first("interface", live.interface))
      #expect(stats["pass.default"] == 7)
      #expect(stats["drop.rate"] == 13)
      #expect(try run("unload --force")["changed"].bool == true)
      #expect(!files.fileExists(atPath: live.aegis.root))
      #expect(try live.passes(20) == 20)
    }
  }
}
