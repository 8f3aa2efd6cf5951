import Foundation
import TestSupport
import Testing

@Suite struct CompletionScriptTests {
  static let shells = ["bash", "zsh", "fish"].filter { Tool.isExpected($0) }

  @Test(arguments: shells)
  func parses(_ shell: String) throws {
    try TemporaryDirectory.with { directory in
      let script = try directory.file("script", Data(CompletionScript.text(shell).utf8))
      let outcome = try Command([shell, "-n", script]).run()
      #expect(outcome.status == 0)
      #expect(outcome.error == "")
    }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func knowsEveryVerb(_ shell: String) throws {
    let script = try CompletionScript.text(shell)
    for verb in HelpTests.verbs { #expect(script.contains(verb), "\(verb)") }
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func verbPrintsIt(_ shell: String) throws {
    let script = try CompletionScript.text(shell)
    #expect(try Aegisctl().run(["completion", shell]).output == script)
    let former = try Aegisctl().run(
      ["--generate-completion-script"], environment: ["SHELL": "/usr/bin/\(shell)"])
    #expect(former.output == script)
  }

  @Test func unknownShellIsRefused() throws {
    Refusal.check(try Aegisctl().run(["completion", "tcsh"]), 65, "must be bash, zsh or fish")
    let outcome = try Aegisctl().run(["--generate-completion-script", "tcsh"])
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
  }

  @Test(.enabled(if: shells.contains("bash")))
  func verbsAndOptions() throws {
    let instance = Aegisctl()
    let verbs = try BashCompletion.offers([""], instance)
    #expect(Set(HelpTests.verbs).isSubset(of: verbs.words))
    #expect(
      try BashCompletion.offers(["set-"], instance).words == [
        "set-class", "set-default", "set-geo", "set-hook", "set-list", "set-mode", "set-rate",
        "set-relay",
        "set-rule",
      ])
    #expect(try BashCompletion.offers(["drop-ip", "--rem"], instance).words == ["--remove"])
    let formats = try BashCompletion.offers(["status", "-o", ""], instance)
    #expect(formats.words == ["json", "name", "table", "wide", "yaml"])
    #expect(try BashCompletion.offers(["set-default", ""], instance).words == ["allow", "deny"])
    #expect(try BashCompletion.offers(["dump", "li"], instance).words == ["links", "lists"])
    let reasons = try BashCompletion.offers(["events", "--reason", "drop.ho"], instance)
    #expect(reasons.words == ["drop.hook", "drop.hook-missing", "drop.host"])
    #expect(try BashCompletion.offers(["help", "dr"], instance).words == ["drop-ip"])
    #expect(Set(try BashCompletion.offers(["help", ""], instance).words) == Set(HelpTests.verbs))
    #expect(try BashCompletion.offers(["help", "drop-ip", ""], instance).words == ["--version"])
  }
}
