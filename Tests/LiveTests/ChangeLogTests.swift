import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Who changed what: `dump log` and the system's log.
  struct ChangeLogTests {
    private func log(_ live: Live) throws -> [JSON] { try live.ok(["dump", "log"])["log"].array }

    @Test func whatChangesIsRemembered() throws {
      let live = try Live.attached(load: ["--max-drops", "64", "--max-keys", "64"])
      try live.ok(["drop-ip", "192.0.2.7", "-m", "ticket 4711\u{1b}"])
      // What changes nothing, or is only tried, is not.
      try live.ok(["drop-ip", "192.0.2.7"])
      try live.ok(["drop-ip", "192.0.2.8", "--dry-run"])
      // Bans would leave no room for anything else.
      try live.ok(["drop-ip", "192.0.2.8"])
      try live.ok(["repair"])
      try live.ok(["status"])
      let ssh = try live.aegis.run(
        ["set-rate", "1000/s", "--force"],
        environment: ["SSH_CONNECTION": "192.0.2.9 5 192.0.2.1 22"],
        namespace: live.sandbox.host.namespace)
      #expect(ssh.status == 0, "\(ssh)")
      let changes = try log(live)
      #expect(changes.map { $0["number"].int } == [1, 2, 3, 4])
      #expect(
        changes.map { $0["command"].string?.split(separator: " ").first } == [
          "load", "attach", "drop-ip", "set-rate",
        ])
      #expect(changes[2]["message"].string == "ticket 4711\\u001b", "\(changes[2])")
      #expect(changes[3]["from"].string == "192.0.2.9" && changes[3]["user"].int == 0)
      let time = try #require(changes[3]["time"].string)
      let format = ISO8601DateFormatter()
      format.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
      let date = try #require(format.date(from: time) ?? ISO8601DateFormatter().date(from: time))
      #expect(abs(date.timeIntervalSinceNow) < 60)
      let table = try live.run(["dump", "log"])
      #expect(table.output.contains("ticket 4711"), "\(table)")
      #expect(try live.ok(["dump", "all"])["log"].isNull)

      // A replacement keeps it; the oldest make room.
      try live.ok(["load", "--replace", "--max-drops", "128"])
      #expect(try log(live).count == 5)
      for number in 0..<130 {
        try live.aegis.run(
          ["set-rate", "\(1000 + number)/s", "-q", "--force"],
          namespace: live.sandbox.host.namespace)
      }
      let last = try log(live)
      #expect(last.count == 128 && last.first?["number"].int == 7)
      #expect(last.last?["command"].string?.contains("1129/s") == true)
    }

    /// A message that does not fit is cut, and changes nothing else.
    @Test func longTextsAreCut() throws {
      let live = try Live.attached(load: ["--max-drops", "64", "--max-keys", "64"])
      let long = String(repeating: "ä", count: 5000)
      try live.ok(["drop-ip", "192.0.2.7", "-m", long])
      let change = try #require(try log(live).last)
      #expect((change["message"].string?.utf8.count ?? 0) <= 127 + 3)
      #expect((change["command"].string?.utf8.count ?? 0) <= 311 + 3)
    }

    @Test func theSystemLogIsTold() throws {
      let live = try Live.attached(load: ["--max-drops", "64", "--max-keys", "64"])
      let tool = BuiltBinary.path("aegisctl")
      let line = try SystemLogTrial.firstLine(
        of: "\(tool) drop-ip 192.0.2.7 -q --force -m 'a reason' --pin-root \(live.aegis.root)",
        in: live.sandbox.host.namespace, timeout: 20)
      #expect(line.hasPrefix("<85>aegisctl["), "\(line)")
      #expect(line.contains("]: uid=0") && line.hasSuffix(" (a reason)"), "\(line)")
      #expect(line.contains(": drop-ip 192.0.2.7 "), "\(line)")
    }
  }
}
