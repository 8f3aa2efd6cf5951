import Foundation
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"))
struct GoldenTests {
  @Test(arguments: GoldenStep.all)
  func output(_ step: GoldenStep) throws {
    let printed = try Transcript.shared.get()
    let sections = try Transcript.formats.map { format in
      let outcome = try #require(printed[step.name]?[format])
      #expect(outcome.status == 0, "\(outcome.error)")
      let command = (["aegisctl"] + step.arguments + ["-o", format]).joined(separator: " ")
      return "$ \(command)\n\(outcome.output)"
    }
    try Golden.check(step.name, sections.joined(separator: "\n"))
  }

  @Test func everyFileHasItsStep() throws {
    #expect(try Golden.names == GoldenStep.all.map(\.name).sorted())
  }

  @Test(arguments: GoldenStep.all)
  func json(_ step: GoldenStep) throws {
    let printed = try Transcript.shared.get()
    let json = try #require(printed[step.name]?["json"]?.raw)
    let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
    #expect(object?["apiVersion"] as? String == "aegis/v1")
    #expect((object?["kind"] as? String)?.isEmpty == false)
    if step.arguments.contains("--dry-run") { #expect(object?["dryRun"] as? Bool == true) }
  }

  /// What can be declared is dumped in another shape in YAML: that of a policy.
  static let alike = GoldenStep.all.filter { step in
    !(step.arguments.first == "dump" && step.arguments.last != "links")
  }

  @Test(.enabled(if: YAMLReader.isPossible, "needs python3 with yaml"), arguments: alike)
  func yamlEqualsJSON(_ step: GoldenStep) throws {
    let printed = try Transcript.shared.get()
    let json = try #require(printed[step.name]?["json"]?.output)
    let yaml = try #require(printed[step.name]?["yaml"]?.output)
    let difference = try YAMLReader.difference(json: json, yaml: yaml)
    #expect(difference == "")
  }

  @Test(arguments: GoldenStep.all)
  func noLineEndsInBlanks(_ step: GoldenStep) throws {
    for (format, outcome) in try #require(Transcript.shared.get()[step.name]) {
      for line in outcome.output.split(separator: "\n") {
        #expect(!line.hasSuffix(" "), "\(format): \(line)")
      }
    }
  }
}
