import Foundation
import TestSupport
import Testing

/// Under -o json each failure is a line of JSON on standard error.
@Suite(.serialized, .enabled(if: KernelAccess.isPossible, "needs root and BPF"), .loaded)
struct ErrorLineTests {
  static let keys = [
    "apiVersion", "code", "exitStatus", "field", "file", "hint", "kind", "line", "message", "value",
  ]

  @Test func everyFieldIsThere() throws {
    let error = try only(["status", "--pin-root", "x"], 65)
    #expect(error["apiVersion"].string == "aegis/v1")
    #expect(error["kind"].string == "Error")
    #expect(error["message"].string == "--pin-root \"x\": is not an absolute path without dots")
    for key in ["file", "line", "hint"] { #expect(error[key].isNull) }
  }

  @Test(arguments: [
    (["frobnicate"], 64, "usage", nil, nil), (["load", "now"], 64, "usage", nil, nil),
    (["drop-ip"], 64, "usage", nil, nil),
    (["drop-ip", "300.1.1.1"], 65, "invalid-value", nil, "300.1.1.1"),
    (["drop-ip", "192.0.2.1", "--ttl", "soon"], 65, "invalid-value", "--ttl", "soon"),
    (["load", "--max-drops", "x"], 65, "invalid-value", "--max-drops", "x"),
    (["load", "--max-drops", "0"], 65, "out-of-bounds", "--max-drops", "0"),
    (["set-default", "drop"], 65, "invalid-value", nil, "drop"),
    (["stats", "lo"], 69, "not-attached", nil, "lo"),
    (["load", "--max-drops", "65"], 1, "failed", nil, nil),
  ])
  func code(
    _ words: [String], _ status: Int, _ code: String, _ field: String?, _ value: String?
  ) throws {
    let error = try only(words, status)
    #expect(error["code"].string == code)
    #expect(error["field"].string == field)
    #expect(error["value"].string == value)
  }

  @Test func linesOfAList() throws {
    let list = "192.0.2.1\nnonsense\n300.1.1.1\n"
    let errors = try lines(["drop-ip", "--strict", "-f", "-"], 65, input: list)
    #expect(errors.map { $0["line"].int } == [2, 3])
    #expect(errors.map { $0["value"].string } == ["nonsense", "300.1.1.1"])
    #expect(errors.allSatisfy { $0["file"].string == "standard input" })
  }

  @Test func fieldsOfAPolicy() throws {
    let text = "apiVersion: aegis/v1\nkind: Policy\nspec:\n  drops:\n  - {source: 300.1.1.1}\n"
    let error = try #require(try lines(["apply", "-f", "-"], 65, input: text).first)
    #expect(error["line"].int == 5)
    #expect(error["field"].string == "spec.drops[0].source")
    #expect(error["value"].string == "300.1.1.1")
  }

  @Test func everyFailureHasALine() throws {
    #expect(try lines(["drop-ip", "x1", "192.0.2.1", "x2"], 65).count == 2)
    #expect(try lines(["attach", "aegis-no1", "aegis-no2"], 69).count == 2)
  }

  /// What a terminal could be steered by is escaped, and a line stays one.
  @Test func hostileValue() throws {
    let error = try only(["drop-ip", "a\n{}\u{1b}[2J\u{2028}"], 65)
    #expect(error["value"].string == "a\n{}\u{1b}[2J\u{2028}")
  }

  @Test(arguments: [["-o", "yaml"], ["-o", "name"], [], ["--", "-o", "json"]])
  func otherFormatsHaveText(_ words: [String]) throws {
    let outcome = try Loaded.instance.run(["drop-ip", "x"] + words)
    #expect(outcome.error.hasPrefix("aegisctl: "))
  }

  private func only(_ words: [String], _ status: Int) throws -> JSON {
    let errors = try lines(words, status)
    #expect(errors.count == 1)
    return try #require(errors.first)
  }

  private func lines(_ words: [String], _ status: Int, input: String? = nil) throws -> [JSON] {
    let outcome = try Loaded.instance.run(words + ["-o", "json"], input: input)
    #expect(outcome.status == Int32(status), "\(outcome.error)")
    #expect(outcome.output == "")
    #expect(
      outcome.error.unicodeScalars.allSatisfy {
        $0.properties.generalCategory != .control || $0 == "\n"
      })
    let errors = try outcome.error.split(separator: "\n").map { try JSON(parsing: String($0)) }
    for error in errors {
      #expect(error.keys == Self.keys)
      #expect(error["exitStatus"].int == status)
    }
    return errors
  }
}
