import Foundation
import TestSupport
import Testing

/// What is wrong with the words themselves is found before anything is opened.
@Suite struct WordsTests {
  /// Every verb's options that take a value, by its own description.
  static let options: [(verb: String, name: String, isRepeating: Bool)] = {
    let dump = try? Aegisctl().run(["--experimental-dump-help"]).json
    return (dump?["command"]["subcommands"].array ?? []).flatMap { verb in
      verb["arguments"].array.filter { $0["kind"].string == "option" }.map { option in
        let name = option["names"].first("kind", "long")["name"].string ?? ""
        return (verb["commandName"].string ?? "", "--\(name)", option["isRepeating"].bool == true)
      }
    }
  }()

  @Test func everyVerbHasOptions() {
    #expect(Set(Self.options.map(\.verb)).isSuperset(of: ["load", "drop-ip", "events", "why"]))
    #expect(Self.options.contains { $0.verb == "attach" && $0.name == "--guard" && $0.isRepeating })
  }

  @Test func optionThatIsThereTwiceIsRefused() throws {
    for (verb, name, isRepeating) in Self.options {
      let outcome = try Aegisctl().run([verb, "\(name)=1", name, "1"])
      let message = "aegisctl: \(verb): \(name) is given twice\nhint: usage: aegisctl \(verb)"
      #expect(outcome.error.hasPrefix(message) != isRepeating, "\(verb) \(name): \(outcome.error)")
      #expect(outcome.status == 64 || isRepeating, "\(verb) \(name)")
    }
  }

  @Test(arguments: [
    ["status", "-o", "json", "--output", "yaml"], ["status", "--output=json", "-ojson"],
    ["load", "-qo", "json", "-o=json"], ["-o", "json", "status", "-o", "json"],
    ["drop-ip", "192.0.2.1", "--ttl", "1h", "--ttl", "1h"],
    ["drop-ip", "192.0.2.1", "--note", "a", "-q", "--note", "b"],
    ["allow-key", "any", "--ttl", "1h", "--protect", "--ttl", "2h"],
    ["stats", "--top", "--top", "5"], ["events", "--for", "1s", "--drops", "--for=1s"],
  ])
  func howeverItIsWritten(_ words: [String]) throws {
    let outcome = try Aegisctl().run(words)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains("is given twice"))
  }

  /// What is repeatable, and flags, which say nothing new.
  @Test(arguments: [
    ["attach", "lo", "--guard", "192.0.2.1", "--guard", "192.0.2.2"], ["status", "-v", "-v"],
    ["events", "--reason", "drop", "--reason", "pass", "--for", "1s"],
    ["set-rate", "1/s", "--timeout", "1s", "--total", "--reset"],
  ])
  func whatMayBeRepeatedIs(_ words: [String]) throws {
    let outcome = try Aegisctl().run(words)
    #expect(outcome.status == 69, "\(outcome.error)")
  }

  @Test(arguments: [
    (["--pin-root", "ROOT", "status"], 69), (["-v", "--pin-root=ROOT", "-q", "status"], 69),
    (["--timeout", "1s", "--pin-root", "ROOT", "detach", "lo"], 69),
    (["--timeout", "soon", "load"], 65), (["--pin-root", "x", "load"], 65),
    (["--pin-root"], 64), (["--pin-root", "ROOT"], 64), (["-q"], 64), (["--ttl", "1h"], 64),
    (["-q", "demo", "now"], 64), (["--timeout", "1s", "status"], 64),
  ])
  func optionsBeforeTheVerb(_ words: [String], _ status: Int) throws {
    let root = Aegisctl.randomRoot()
    let words = words.map { $0.replacingOccurrences(of: "ROOT", with: root) }
    let outcome = try Aegisctl().run(words)
    Refusal.check(outcome, Int32(status), status == 69 ? root : "")
    // Behind it they mean the same.
    guard status != 64, let verb = words.firstIndex(where: HelpTests.verbs.contains) else { return }
    let behind = Array(words[verb...] + words[..<verb])
    #expect(try Aegisctl().run(behind).error == outcome.error)
  }

  @Test func formatBeforeTheVerb() throws {
    let outcome = try Aegisctl().run(["-o", "json", "status"])
    #expect(try JSON(parsing: outcome.error)["code"].string == "not-loaded")
  }

  @Test(arguments: [
    ("stat", "stats or status?"), ("statu", "status"), ("drop", "drop-ip"),
    ("dropip", "drop-ip"), ("drop_ip", "drop-ip"), ("rate", "set-rate"), ("Attach", "attach"),
    ("detatch", "detach"), ("laod", "load"), ("key", "allow-key"), ("dump-drops", "dump"),
  ])
  func closestVerbs(_ word: String, _ names: String) throws {
    for words in [[word], [word, "--help"], ["help", word], ["-q", word, "x"]] {
      let outcome = try Aegisctl().run(words)
      Refusal.check(outcome, 64, "unknown verb \"\(word)\"\nhint: did you mean \(names)")
      #expect(outcome.error.contains("? usage: aegisctl [options] <verb> ..."))
    }
  }

  static let synonyms = [
    ("ban", "aegisctl drop-ip ADDRESS"), ("Block", "aegisctl drop-ip ADDRESS"),
    ("unban", "aegisctl drop-ip --remove ADDRESS"),
    ("unblock", "aegisctl drop-ip --remove ADDRESS"),
    ("allow", "aegisctl allow-key KEY, or aegisctl set-default allow"),
    ("deny", "aegisctl drop-ip ADDRESS, or aegisctl set-default deny"),
    ("list", "aegisctl dump"), ("show", "aegisctl dump, or aegisctl status"),
    ("start", "aegisctl load, then aegisctl attach INTERFACE"),
    ("stop", "aegisctl detach --all, or aegisctl unload --force"),
    ("enable", "aegisctl attach INTERFACE, or aegisctl set-mode enforce"),
    ("disable", "aegisctl detach INTERFACE, or aegisctl set-mode monitor"),
    ("restart", "aegisctl load --replace"), ("reload", "aegisctl apply -f FILE"),
    ("flush", "aegisctl dump drops -o name | aegisctl drop-ip --remove -f -"),
    ("save", "aegisctl dump host -o yaml --file FILE"), ("restore", "aegisctl apply -f FILE"),
  ]

  @Test(arguments: synonyms)
  func verbsOfOtherPrograms(_ word: String, _ command: String) throws {
    for words in [[word, "192.0.2.1"], [word, "--help"], ["help", word]] {
      let outcome = try Aegisctl().run(words)
      let hint = "hint: did you mean \(command)? usage: aegisctl [options]"
      Refusal.check(outcome, 64, "unknown verb \"\(word)\"\n\(hint)")
    }
  }

  @Test(arguments: ["frobnicate", "x", "", "\u{1b}[2J", String(repeating: "load", count: 1000)])
  func nothingIsClose(_ word: String) throws {
    let outcome = try Aegisctl().run([word])
    Refusal.check(outcome, 64, "unknown verb")
    #expect(!outcome.error.contains("did you mean"))
    #expect(outcome.error.utf8.count < 500)
  }

  @Test func helpOfWhatIsNoVerb() throws {
    Refusal.check(try Aegisctl().run(["help", "nope"]), 64, "unknown verb \"nope\"")
    Refusal.check(try Aegisctl().run(["help", "load", "x"]), 64, "unexpected argument \"x\"")
    #expect(try Aegisctl().run(["help"]).status == 0)
    #expect(try Aegisctl().run(["help", "load", "-h"]).status == 0)
  }

  /// Also where a verb finds out only when it runs.
  @Test(arguments: [
    ["drop-ip"], ["allow-key", "--remove"], ["set-rate"], ["attach"], ["why"], ["apply"],
    ["dump", "rates", "--expiring", "1h"], ["load", "--frobnicate"], ["unload", "x"],
    ["drop-ip", "192.0.2.1", "--extend"], ["stats", "--watch", "--since-boot"],
  ])
  func usageIsThatOfTheVerb(_ words: [String]) throws {
    let outcome = try Aegisctl().run(words)
    Refusal.check(outcome, 64, "aegisctl: \(words[0]): ")
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines.last?.hasPrefix("hint: ") == true)
    #expect(lines.last?.contains("usage: aegisctl \(words[0])") == true)
  }
}
