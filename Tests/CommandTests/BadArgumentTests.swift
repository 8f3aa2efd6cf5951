import TestSupport
import Testing

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"), .loaded)
struct BadArgumentTests {
  @Test(arguments: BadArguments.all)
  func isRefused(_ bad: BadArguments) throws {
    let instance = Loaded.instance
    let before = try instance.run(["dump", "-o", "json"]).output
    Refusal.check(try instance.run(bad.arguments), bad.status, bad.message)
    #expect(try instance.run(["dump", "-o", "json"]).output == before)
  }

  @Test func allWrongArgumentsAreNamed() throws {
    let outcome = try Loaded.instance.run(["drop-ip", "x1", "192.0.2.1", "x2", "192.0.2.1/24"])
    Refusal.check(outcome, 65, "\"x1\"")
    for part in ["\"x2\"", "\"192.0.2.1/24\""] { #expect(outcome.error.contains(part)) }
  }

  @Test func allUnknownInterfacesAreNamed() throws {
    for verb in ["attach", "detach", "stats"] {
      let outcome = try Loaded.instance.run(
        [verb, "aegis-no1", "aegis-no2", "-q"].filter {
          verb != "stats" || $0 != "-q"
        })
      Refusal.check(outcome, 69, "aegis-no1")
      #expect(outcome.error.contains("aegis-no2"))
    }
  }
}

/// What every command that ends badly has in common.
enum Refusal {
  static func check(
    _ outcome: Outcome, _ status: Int32, _ message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = outcome.error
    #expect(outcome.status == status, "\(error)", sourceLocation: sourceLocation)
    #expect(outcome.output == "", sourceLocation: sourceLocation)
    #expect(error.contains(message), sourceLocation: sourceLocation)
    #expect(error.hasPrefix("aegisctl: "), "\(error)", sourceLocation: sourceLocation)
    #expect(error.hasSuffix("\n"), sourceLocation: sourceLocation)
    let controls = error.unicodeScalars.filter {
      $0.properties.generalCategory == .control && $0 != "\n"
        || $0.properties.generalCategory == .format
    }
    #expect(controls.isEmpty, "\(error.debugDescription)", sourceLocation: sourceLocation)
  }
}
