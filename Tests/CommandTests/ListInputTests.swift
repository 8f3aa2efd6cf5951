import Foundation
import TestSupport
import Testing

/// Lists as people have them, given on the command line.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"), .loaded)
struct ListInputTests {
  private static let twoSets = """
    create blacklist hash:ip family inet hashsize 1024 maxelem 65536
    add blacklist 198.51.100.66
    create whitelist hash:net family inet hashsize 1024 maxelem 65536
    add whitelist 192.0.2.0/24

    """

  private func drops(_ instance: Aegisctl) throws -> [String] {
    try instance.run(["dump", "drops", "-o", "name"]).output.split(separator: "\n").map(String.init)
  }

  private func entries(_ instance: Aegisctl) throws -> [JSON] {
    try instance.run(["dump", "drops", "-o", "json"]).json["drops"].array
  }

  @Test func severalFilesAreReadAsOne() throws {
    try Loaded.fresh { instance in
      try TemporaryDirectory.with { directory in
        let one = try directory.file("one", Data("192.0.2.1\n# x\n192.0.2.2 a\n".utf8))
        let two = try directory.file("two", Data("198.51.100.1\n192.0.2.1\n".utf8))
        let set = try directory.file("set", Data("add s 203.0.113.1 timeout 60\n".utf8))
        let files = ["-f", one, "--file", two, "-f", set]
        let outcome = try instance.run(["drop-ip", "--replace-all", "-o", "json"] + files)
        #expect(outcome.status == 0)
        #expect(outcome.error.contains("\(one): 1 line has more than one column"))
        #expect(try outcome.json["counts"]["added"].int == 4)
        #expect(try outcome.json["merged"].int == 1)
        let names = ["192.0.2.1", "192.0.2.2", "198.51.100.1", "203.0.113.1"]
        #expect(try drops(instance) == names)
        #expect(
          try entries(instance).map { $0["remainingMilliseconds"].int != nil }
            == [false, false, false, true])
        let bad = try directory.file("bad", Data("192.0.2.7\nnonsense\n".utf8))
        let partly = try instance.run(["drop-ip", "-f", one, "-f", bad, "-f", two])
        #expect(partly.status == 65 && partly.error.contains("\(bad):2: \"nonsense\""))
        #expect(try drops(instance).count == 5)
        let removed = try instance.run(["drop-ip", "--remove", "-q", "-f", one, "-f", two])
        #expect(removed.status == 0)
        #expect(try drops(instance) == ["192.0.2.7", "203.0.113.1"])
        Refusal.check(
          try instance.run(["drop-ip", "-f", "-", "-f", "-"]), 64, "standard input can be read")
        let keys = try directory.file("keys", Data("any:443/tcp\n".utf8))
        let more = try directory.file("more", Data("any:53/udp\n".utf8))
        #expect(try instance.run(["allow-key", "-q", "-f", keys, "-f", more]).status == 0)
        #expect(
          try instance.run(["dump", "keys", "-o", "name"]).output
            == "any:53/udp\nany:443/tcp\n")
      }
    }
  }

  @Test func ofSeveralSetsOneIsChosen() throws {
    try Loaded.fresh { instance in
      for options in [[], ["--replace-all"], ["--strict"]] {
        let outcome = try instance.run(["drop-ip", "-f", "-"] + options, input: Self.twoSets)
        Refusal.check(outcome, 65, "\"blacklist, whitelist\": are 2 sets")
        #expect(outcome.error.contains("hint: for example --set blacklist"))
      }
      Refusal.check(
        try instance.run(["drop-ip", "-f", "-", "--set", "grey"], input: Self.twoSets), 65,
        "\"grey\": is not a set in the list")
      #expect(try drops(instance).isEmpty)
      let chosen = ["drop-ip", "-q", "-f", "-", "--set", "blacklist"]
      #expect(try instance.run(chosen, input: Self.twoSets).status == 0)
      #expect(try drops(instance) == ["198.51.100.66"])
    }
  }

  @Test func whatCannotBeCarriedOverStopsAllOfTheLists() throws {
    try TemporaryDirectory.with { directory in
      let good = try directory.file("good", Data("192.0.2.1\n".utf8))
      let set = "add s 198.51.100.0/24\nadd s 198.51.100.7 nomatch\n"
      let outcome = try Loaded.instance.run(["drop-ip", "-f", good, "-f", "-"], input: set)
      Refusal.check(outcome, 65, "\"s\": excludes 198.51.100.7 (nomatch)")
      #expect(try drops(Loaded.instance).isEmpty)
    }
  }

  @Test(arguments: ["/dev/zero", "/dev/urandom"])
  func whatIsNoTextEnds(_ device: String) throws {
    for verb in ["drop-ip", "allow-key"] {
      let outcome = try Loaded.instance.run([verb, "-f", device])
      Refusal.check(outcome, 65, "has a NUL byte")
      #expect(outcome.error.contains("hint: a list must be plain text"))
    }
  }

  /// In less memory than the process may have.
  @Test(arguments: [
    "yes 192.0.2.1", "yes 192.0.2.1 | tr -d '\\n'", "yes '{\"cidr\":\"10.0.0.0/8\"}'",
  ])
  func whatHasNoEndEnds(_ source: String) throws {
    let command = Loaded.instance.command(["drop-ip", "-f", "-"])
    let script = "ulimit -v 2000000; \(source) 2>/dev/null | \"$@\""
    let outcome = try Command(
      ["sh", "-c", script, "sh"] + command.arguments, environment: command.environment
    ).run(timeout: 60)
    Refusal.check(outcome, 65, "standard input has more than 256 MiB")
  }

  @Test(
    arguments: [
      ([0x1f, 0x8b, 8, 0], "zcat"), ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xzcat"),
      ([0x42, 0x5a, 0x68, 0x39], "bzcat"), ([0x28, 0xb5, 0x2f, 0xfd], "zstdcat"),
    ] as [([UInt8], String)])
  func whatIsCompressedSaysSo(_ bytes: [UInt8], program: String) throws {
    try TemporaryDirectory.with { directory in
      let file = try directory.file("list.gz", bytes)
      let outcome = try Loaded.instance.run(["drop-ip", "-f", file])
      Refusal.check(outcome, 65, "\(file) is compressed")
      #expect(outcome.error.contains("hint: pipe it through \(program)"))
    }
  }

  @Test(arguments: ["never", "0", "-1", "-1s"])
  func aBanMayBeForGood(_ ttl: String) throws {
    try Loaded.fresh { instance in
      // As fail2ban does it, by the quick way and by the other.
      for more in [["--note", "f2b-sshd"], ["--timeout", "9s"]] {
        let outcome = try instance.run(["drop-ip", "192.0.2.72", "--ttl", ttl] + more)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try entries(instance).map { $0["remainingMilliseconds"].int } == [nil])
      }
      #expect(try instance.run(["drop-ip", "192.0.2.72", "--ttl", "1h"]).status == 0)
      #expect(try entries(instance).first?["remainingMilliseconds"].int != nil)
      let key = try instance.run(["allow-key", "any:22/tcp", "--ttl=\(ttl)"])
      #expect(key.status == 0)
      #expect(try instance.run(["drop-ip", "192.0.2.72", "--ttl", ttl, "--extend"]).status == 0)
      #expect(try entries(instance).map { $0["remainingMilliseconds"].int } == [nil])
    }
  }

  @Test(arguments: [
    ("4000d", 345_600_000), ("9999999999", 9_999_999_999), ("100000d", 8_640_000_000),
  ])
  func aBanMayLastLongerThanTenYears(_ ttl: String, seconds: Int) throws {
    try Loaded.fresh { instance in
      #expect(try instance.run(["drop-ip", "192.0.2.72", "--ttl", ttl]).status == 0)
      let set = "add s 192.0.2.73 timeout \(seconds)\n"
      #expect(try instance.run(["drop-ip", "-f", "-"], input: set).status == 0)
      for entry in try entries(instance) {
        let left = (entry["remainingMilliseconds"].int ?? 0) / 1000
        #expect((seconds - 60...seconds).contains(left))
      }
      let dump = try instance.run(["dump", "-o", "json"]).output
      let again = try instance.run(["drop-ip", "-q", "-f", "-", "--replace-all"], input: dump)
      #expect(again.status == 0, "\(again.error)")
      for entry in try entries(instance) {
        let left = (entry["remainingMilliseconds"].int ?? 0) / 1000
        #expect((seconds - 60...seconds).contains(left))
      }
    }
  }

  @Test func aLineThatNamesEverythingIsLeftOut() throws {
    try Loaded.fresh { instance in
      let list = "192.0.2.1\n198.51.100.0/24\n0.0.0.0/0\n203.0.113.5\n240.0.0.0/4\n"
      let outcome = try instance.run(["drop-ip", "-f", "-"], input: list)
      #expect(outcome.status == 65)
      #expect(outcome.error.contains("standard input:3: \"0.0.0.0/0\": is too wide for a list"))
      #expect(outcome.error.contains("hint: --min-prefix 0,16 allows it"))
      #expect(
        try drops(instance) == ["192.0.2.1", "198.51.100.0/24", "203.0.113.5", "240.0.0.0/4"])
      let forced = try instance.run(["drop-ip", "-f", "-", "--min-prefix", "0,16"], input: list)
      #expect(forced.status == 0)
      // What an operator has said once comes back from a dump, and goes by a list.
      let dump = try instance.run(["dump", "-o", "json"]).output
      #expect(try instance.run(["drop-ip", "--remove", "-q", "-f", "-"], input: list).status == 0)
      #expect(try drops(instance).isEmpty)
      #expect(try instance.run(["drop-ip", "-q", "-f", "-"], input: dump).status == 0)
      #expect(try drops(instance).first == "0.0.0.0/0")
    }
  }

  @Test func columnsAreIgnoredAndCounted() throws {
    let list = "192.0.2.1,DE,seen\n192.0.2.2\tx\n192.0.2.3\n"
    let told = try Loaded.instance.run(["drop-ip", "-f", "-", "--dry-run"], input: list)
    #expect(told.status == 0)
    #expect(
      told.error
        == "note: standard input: 2 lines have more than one column; only the first was used\n")
    let quiet = try Loaded.instance.run(["drop-ip", "-q", "-f", "-", "--dry-run"], input: list)
    #expect(quiet.status == 0 && quiet.error.isEmpty)
    let decisions = #"[{"type":"captcha","scope":"Ip","value":"192.0.2.1"}]"#
    let left = try Loaded.instance.run(["drop-ip", "-f", "-"], input: decisions)
    #expect(left.status == 0)
    #expect(left.error == "note: standard input: skipped decisions that are not bans: 1\n")
  }

  @Test(
    arguments: [
      (["--format", "csv"], 65, "--format \"csv\": is not a list format"),
      (["--min-prefix", "8"], 65, "--min-prefix \"8\": is not a pair of prefix lengths"),
      (["--min-prefix", "40,16"], 65, "--min-prefix \"40,16\""),
      (["--force", "--skip-guarded"], 64, "give either --skip-guarded or --force"),
    ] as [([String], Int32, String)])
  func optionsOfListsAreChecked(_ options: [String], status: Int32, text: String) throws {
    Refusal.check(
      try Loaded.instance.run(["drop-ip", "-f", "-"] + options, input: "192.0.2.1"), status, text)
  }

  @Test(arguments: [
    ["--format", "plain"], ["--set", "s"], ["--min-prefix", "0,0"], ["--skip-guarded"],
  ])
  func optionsOfListsGoWithOne(_ options: [String]) throws {
    Refusal.check(
      try Loaded.instance.run(["drop-ip", "192.0.2.1"] + options), 64, "requires --file")
  }

  @Test func hostBitsAreClearedOnDemand() throws {
    try Loaded.fresh { instance in
      let outcome = try instance.run(
        ["drop-ip", "-q", "--mask", "198.51.100.7/24", "-f", "-"], input: "192.0.2.9/24\n")
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(try drops(instance) == ["192.0.2.0/24", "198.51.100.0/24"])
      Refusal.check(
        try instance.run(["drop-ip", "-f", "-"], input: "192.0.2.9/24\n"), 65, "has host bits set")
    }
  }
}
