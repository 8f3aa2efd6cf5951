import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
  /// Those that the help of the root command lists.
  static let verbs: [String] = {
    let help = (try? Aegisctl().run(["--help"]).output) ?? ""
    return help.split(separator: "\n").filter {
      $0.wholeMatch(of: /\ {2}[a-z][a-z-]* {2}.*/) != nil
    }
    .map { String($0.split(separator: " ")[0]) }
  }()

  /// The root command and every verb.
  static let commands = [[]] + verbs.map { [$0] }

  @Test(arguments: commands)
  func help(_ command: [String]) throws {
    let help = try Self.help(command)
    #expect(help.hasPrefix("OVERVIEW: "))
    #expect(help.contains("\nEXAMPLES\n"))
    #expect(help.contains("\nUSAGE: aegisctl"))
    #expect(try Aegisctl().run(["help"] + command).output == help)
    #expect(try Aegisctl().run(command + ["-h"]).output == help)
  }

  @Test(arguments: commands)
  func noLineIsTooLong(_ command: [String]) throws {
    for line in try Self.help(command).split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  /// One that is wrapped cannot be pasted into a shell.
  @Test(arguments: commands)
  func noExampleIsWrapped(_ command: [String]) throws {
    let help = try Self.help(command)
    let examples = help.components(separatedBy: "\nEXAMPLES\n").last ?? ""
    for line in examples.components(separatedBy: "\n").prefix(while: { $0 != "" }) {
      #expect(line.hasPrefix("    "), "\(line)")
    }
  }

  @Test func verbsAreListed() {
    let first = ["load", "attach", "detach", "unload", "set-rate", "drop-ip", "status", "dump"]
    #expect(Set(first).isSubset(of: Self.verbs))
  }

  @Test(arguments: commands)
  func version(_ command: [String]) throws {
    let outcome = try Aegisctl().run(command + ["--version"])
    #expect(outcome.status == 0)
    #expect(outcome.output.wholeMatch(of: /aegisctl \d+\.\d+\.\d+\S*\n/) != nil)
  }

  /// Examples parse: with `--help` behind it a command does nothing else.
  @Test(arguments: commands)
  func examples(_ command: [String]) throws {
    let examples = Examples.read(try Self.help(command))
    #expect(!examples.isEmpty)
    for example in examples {
      let verb = example.first ?? ""
      let outcome = try Aegisctl().run(example + ["--help"])
      #expect(outcome.status == 0, "\(example): \(outcome.error)")
      #expect(outcome.output == (try? Self.help([verb])), "\(example)")
    }
  }

  /// `--help` wins over values that are wrong, so those that change something are tried for real.
  @Test(
    .enabled(if: KernelAccess.isPossible, "needs root and BPF"),
    arguments: [
      "allow-key", "drop-ip", "set-rate", "set-rule", "set-default", "load", "unload", "dump",
      "status",
    ])
  func examplesWork(_ verb: String) throws {
    try Loaded.fresh { instance in
      let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).yaml").path
      defer { try? FileManager.default.removeItem(atPath: file) }
      if verb == "set-rule" {
        try instance.run(["set-list", "partners", "--action", "none"])
        try instance.run(["set-rule", "dns", "--source-port", "53/udp", "--then", "drop"])
      }
      if verb == "dump" { try instance.run(["set-list", "fail2ban-sshd"]) }
      for example in Examples.read(try Self.help([verb])) where !example.contains("-f") {
        let dryRun = ["dump", "status"].contains(example[0]) ? [] : ["--dry-run"]
        let words = example.map { $0 == "state.yaml" ? file : $0 }
        let outcome = try instance.run(words + dryRun)
        // Without a file of its own a capacity is another than the loaded one.
        #expect(outcome.status == 0 || example.contains("--max-drops"), "\(outcome.error)")
      }
    }
  }

  private static func help(_ command: [String]) throws -> String {
    let outcome = try Aegisctl().run(command + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    return outcome.output
  }
}
