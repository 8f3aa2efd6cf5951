import Testing

@testable import Aegis
@testable import aegisctl

@Suite struct ConditionTests {
  @Test(arguments: [
    (
      "drop.rate > 10k/s", "drop.rate", Condition.Comparison.above, 10_000.0,
      Condition.Quantity.rate
    ),
    ("drop>=5%", "drop", .atLeast, 5, .share),
    ("drop.share < 0.5%", "drop.share", .below, 0.5, .share),
    ("pass <= 1.5M", "pass", .atMost, 1_500_000, .count),
    ("limiter.shared > 0", "limiter.shared", .above, 0, .count),
    ("drop.host > 600/m", "drop.host", .above, 10, .rate),
    ("limiter.contended>36k/h", "limiter.contended", .above, 10, .rate),
  ])
  func reads(
    _ text: String, _ name: String, _ comparison: Condition.Comparison, _ threshold: Double,
    _ quantity: Condition.Quantity
  ) throws {
    let condition = try Condition(text)
    #expect(condition.name == name)
    #expect(condition.comparison == comparison)
    #expect(condition.threshold == threshold)
    #expect(condition.quantity == quantity)
  }

  @Test func everyReasonIsKnown() throws {
    for reason in Reason.allCases {
      #expect(try Condition("\(reason.name) > 1").metric == .reason(reason))
    }
  }

  @Test(arguments: [
    "", ">", "drop", "drop >", "> 5", "drop = 5", "drop == 5", "drop > five", "drop > -1",
    "drop > 1e3", "drop > 0x10", "drop > nan", "drop > inf", "drop > 1.", "drop > .5",
    "drop > 1..2", "drop > 1.2.3", "drop > 5%/s", "drop > 101%", "drop > 10k%", "drop > 1/d",
    "drop > /s", "drop > k", "drop > %", "drop > 1kk", "drop > 99999999999G", "drop >> 5",
    "drop >< 5", "drop.share > 5", "drop.share > 5/s", "drop.nothing > 5", "DROP > 5",
    "drop > 5 | x", "drop > 5\u{301}", "drop > ٣", "drop > 9999999999999999999",
  ])
  func refuses(_ text: String) {
    #expect(throws: InputError.self) { try Condition(text) }
  }

  @Test func garbageNeverEndsIt() {
    let alphabet = Array("drop.ate share<>=%0123456789kMG/smh|é\0 ")
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<20_000 {
      let text = String(
        (0..<Int.random(in: 0...14, using: &generator)).map { _ in
          alphabet.randomElement(using: &generator) ?? " "
        })
      guard let condition = try? Condition(text) else { continue }
      #expect(condition.threshold >= 0 && condition.threshold.isFinite, "\(text)")
    }
  }

  /// 3000 of 4000 packets in 2 s were over their rate.
  private var reading: Reading {
    let recent = Counts.of([("drop.rate", 3000), ("pass.default", 1000)])
    return Reading(
      total: Counts.of([("drop.rate", 5000), ("pass.default", 1000)]), recent: recent, seconds: 2)
  }

  @Test(arguments: [
    ("drop.rate > 1499/s", true), ("drop.rate > 1500/s", false), ("drop.rate >= 1500/s", true),
    ("drop > 4999", true), ("drop > 5000", false), ("drop.share > 74.9%", true),
    ("drop.share > 75%", false), ("pass < 501/s", true), ("pass < 500/s", false),
    ("pass <= 500/s", true), ("drop.host > 0", false), ("pass.default >= 25%", true),
  ])
  func holds(_ text: String, _ expected: Bool) throws {
    let condition = try Condition(text)
    #expect(condition.holds(for: condition.value(of: reading)) == expected)
  }

  @Test func sharesOfNothingAreZero() throws {
    let idle = Reading(total: Counts(), recent: Counts(), seconds: 1)
    #expect(try Condition("drop.share >= 0%").value(of: idle) == 0)
  }

  @Test(arguments: [
    (
      ["drop.rate > 10k/s"], ["drop.rate > 1k/s"],
      "AEGIS WARNING - drop.rate 1500/s (> 1k/s) | 'drop.rate_per_second'=1500;1000;10000;0\n", 1
    ),
    (
      ["drop.rate > 1k/s", "drop.share > 90%"], [],
      "AEGIS CRITICAL - drop.rate 1500/s (> 1k/s) | 'drop.rate_per_second'=1500;;1000;0 "
        + "'drop.share'=75%;;90;0\n", 2
    ),
    (["pass < 10"], ["pass < 20"], "AEGIS OK - pass 1000 | 'pass'=1000c;20:;10:;0\n", 0),
  ])
  func saysItInOneLine(
    _ critical: [String], _ warning: [String], _ line: String, _ status: Int32
  ) throws {
    let result = CheckResult(
      reading, critical: try critical.map { try Condition($0) },
      warning: try warning.map { try Condition($0) })
    #expect(result.line == line)
    #expect(result.state.rawValue == status)
  }

  @Test func theUnknownHasNoBar() {
    let result = CheckResult(unknown: AegisError(.failed, "a|b"))
    #expect(result.line == "AEGIS UNKNOWN - a/b\n")
    #expect(result.state.rawValue == 3)
  }
}
