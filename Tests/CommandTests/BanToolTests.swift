import Foundation
import TestSupport
import Testing

/// What `contrib` has for programs that ban.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct BanToolTests {
  private static let contrib =
    URL(filePath: #filePath).deletingLastPathComponent().path + "/../../contrib"

  /// Names of the drops, with their note, and whether they end.
  private func drops(_ instance: Aegisctl) throws -> [String] {
    try instance.run(["dump", "drops", "-o", "json"]).json["drops"].array.map { drop in
      let ends = drop["remainingMilliseconds"].int == nil ? "for good" : "for a while"
      return "\(drop["name"].string ?? "") \(ends) \(drop["note"].string ?? "")"
    }
  }

  private func isSilent(_ outcome: Outcome) -> Bool {
    outcome.status == 0 && outcome.output.isEmpty && outcome.error.isEmpty
  }

  private func wait(_ instance: Aegisctl, for wanted: [String]) throws {
    for _ in 0..<100 where try drops(instance) != wanted { Thread.sleep(forTimeInterval: 0.2) }
    #expect(try drops(instance) == wanted)
  }

  @Test func failToBan() throws {
    try Loaded.fresh { instance in
      try TemporaryDirectory.with { directory in
        let files = FileManager.default
        let configuration = directory.path + "/fail2ban"
        try files.copyItem(atPath: "/etc/fail2ban", toPath: configuration)
        try files.removeItem(atPath: configuration + "/jail.d")
        try files.copyItem(
          atPath: Self.contrib + "/fail2ban/aegis.conf",
          toPath: configuration + "/action.d/aegis.conf")
        try directory.file("log")
        try directory.file("fail2ban/fail2ban.local", Self.server(directory.path).utf8)
        try directory.file("fail2ban/jail.local", Self.jails(directory.path).utf8)
        let server = try Command(
          ["fail2ban-server", "-f", "-x", "-c", configuration],
          environment: ["AEGIS_PIN_ROOT": instance.root, "SSH_CONNECTION": nil]
        ).start()
        defer { _ = try? server.wait(timeout: 60) }
        func client(_ words: String) throws -> Outcome {
          try Command(
            ["fail2ban-client", "-s", directory.path + "/socket"]
              + words.split(separator: " ").map(String.init)
          ).run()
        }
        defer { server.signal(SIGTERM) }
        for _ in 0..<100 where try client("ping").status != 0 { Thread.sleep(forTimeInterval: 0.2) }
        for words in ["set guesses banip 192.0.2.9", "set forever banip 2001:db8::5 192.0.2.8"] {
          let outcome = try client(words)
          #expect(outcome.status == 0, "\(outcome)")
        }
        let forever = ["192.0.2.8 for good f2b-forever", "2001:db8::5 for good f2b-forever"]
        try wait(
          instance, for: [forever[0], "192.0.2.9 for a while f2b-guesses", forever[1]])
        #expect(try client("set guesses unbanip 192.0.2.9").status == 0)
        try wait(instance, for: forever)
        #expect(try client("stop").status == 0)
        try wait(instance, for: [])
        let log = try String(contentsOfFile: directory.path + "/server.log", encoding: .utf8)
        #expect(!log.contains("ERROR"), "\(log)")
      }
    }
  }

  private static func server(_ directory: String) -> String {
    """
    [Definition]
    socket = \(directory)/socket
    pidfile = \(directory)/pid
    dbfile = :memory:
    logtarget = \(directory)/server.log

    """
  }

  private static func jails(_ directory: String) -> String {
    """
    [DEFAULT]
    backend = polling
    logpath = \(directory)/log
    action = aegis[aegisctl=\(BuiltBinary.path("aegisctl"))]
    filter = sshd
    [guesses]
    enabled = true
    bantime = 10m
    [forever]
    enabled = true
    bantime = -1

    """
  }

  /// As crowdsec-custom-bouncer calls it.
  @Test func crowdSec() throws {
    try Loaded.fresh { instance in
      func bouncer(_ verb: String, _ duration: String, _ decision: String) throws -> Outcome {
        let words = [verb, "value", "0", "reason", decision.replacing("DURATION", with: duration)]
        return try Command(
          [Self.contrib + "/crowdsec/aegis-bouncer"] + words,
          environment: [
            "AEGIS_PIN_ROOT": instance.root, "AEGISCTL": BuiltBinary.path("aegisctl"),
            "SSH_CONNECTION": nil,
          ]
        ).run()
      }
      let host = #"""
        {"duration":"DURATION","id":2,"origin":"cscli","scenario":"manual 'ban' from 'x'","scope":"Ip","type":"ban","value":"2001:db8::9"}
        """#
      let range =
        #"{"duration":"DURATION","scenario":"s","scope":"Range","type":"ban","value":"192.0.2.0/24"}"#
      let others = [
        #"{"duration":"DURATION","scope":"Country","type":"ban","value":"XX"}"#,
        #"{"duration":"DURATION","scope":"Ip","type":"captcha","value":"192.0.2.7"}"#,
      ]
      for decision in [host, range] + others {
        let outcome = try bouncer("add", "3m59.5s", decision)
        #expect(isSilent(outcome), "\(outcome)")
      }
      #expect(
        try drops(instance) == [
          "192.0.2.0/24 for a while s", "2001:db8::9 for a while manual 'ban' from 'x'",
        ])
      for decision in [host] + others {
        let outcome = try bouncer("del", "-1s", decision)
        #expect(isSilent(outcome), "\(outcome)")
      }
      #expect(try drops(instance) == ["192.0.2.0/24 for a while s"])
      #expect(try bouncer("add", "1m", "{").status == 65)
      #expect(try bouncer("flush", "1m", host).status == 64)
    }
  }
}
