import TestSupport
import Testing

@testable import Aegis

extension Kernel {
  struct RateCapacityTests {
    private func rule(_ burst: UInt32, port: Int? = nil, prefix: String? = nil) throws -> RateRule {
      RateRule(
        try Rate("10/h", burst: burst),
        for: RateSelector(
          port: try port.map { try RateSelector.Port("\($0)/udp") },
          prefix: try prefix.map { try Prefix($0) }))
    }

    @Test func rulesForManyPorts() throws {
      let live = try Live.attached()
      try live.inProcess { rates, session in
        for port in 7000..<7512 {
          let rule = try rule(UInt32(port % 100 + 1), port: port)
          let plan = try Plan(rates: .set([rule]), of: rates.datapath)
          #expect(!plan.isEmpty)
          try PlanExecutor(rates.datapath).run(plan, in: session)
        }
      }
      #expect(try live.rates().count == 512)
      for port in [7000, 7255, 7256, 7511] as [UInt16] {
        #expect(try live.passes(120, port: port) == Int(port) % 100 + 1)
      }
      #expect(try live.passes(120, port: 7512) == 120)
      // There is no room for another, which changes nothing.
      let said = try live.fails(1, ["set-rate", "10/h", "--port", "7512/udp"])
      #expect(said.contains("no room for more than 512"))
      #expect(try live.rates().count == 512)
      #expect(try live.passes(120, port: 7512) == 120)
      try live.ok(["set-rate", "off", "--port", "7255/udp"])
      try live.limit(5, "--port", "7512/udp")
      #expect(try live.passes(120, port: 7255) == 120)
      #expect(try live.passes(120, port: 7512) == 5)
    }

    @Test func rulesForManyPrefixes() throws {
      let live = try Live.attached()
      // 100.64.0.0/24 to 100.79.255.0/24, and every other one with a port too.
      func prefix(_ index: Int) -> String { "100.\(64 + index / 256).\(index % 256).0/24" }
      var policy = Policy()
      policy.rates = try (0..<4096).flatMap { index in
        let burst = UInt32(index % 50 + 1)
        let atPort =
          try index.isMultiple(of: 2) ? [rule(burst + 50, port: 7000, prefix: prefix(index))] : []
        return try [rule(burst, prefix: prefix(index))] + atPort
      }
      try live.replace(policyBy: policy)
      #expect(try live.rates().count == 4096 + 2048)
      for index in [0, 2047, 2048, 4095] {
        let source = "100.\(64 + index / 256).\(index % 256).77"
        let burst = index % 50 + 1
        #expect(try live.passes(120, from: source, port: 7001) == burst)
        let atPort = index.isMultiple(of: 2) ? burst + 50 : 0
        #expect(try live.passes(120, from: source) == atPort)
      }
      #expect(try live.passes(120, from: "100.80.0.1") == 120)
      try live.ok(["set-rate", "off", "--from", prefix(2047)])
      #expect(try live.rates().count == 4096 + 2047)
      #expect(try live.passes(120, from: "100.71.255.78") == 120)
    }
  }
}
