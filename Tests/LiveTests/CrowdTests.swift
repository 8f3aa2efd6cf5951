import Foundation
import TestSupport
import Testing

extension Kernel {
  /// Many processes that change the same datapath at the same time.
  struct CrowdTests {
    private static let policy = """
      apiVersion: aegis/v1
      kind: Policy
      spec:
        drops: [192.0.2.1, 192.0.2.2, 192.0.2.200]
        keys: ["any:7001/udp", {key: "any:7002/udp", rate: 9/s}]

      """

    /// What one of them asks for: the same as others, the opposite of others, or what nobody else does.
    private static func call(_ index: Int) -> [String] {
      let (address, key) = ("192.0.2.\(1 + index % 3)", "any:\(7001 + index % 2)/udp")
      return switch index % 8 {
      case 0: ["drop-ip", address]
      case 1: ["drop-ip", address, "--remove"]
      case 2: ["drop-ip", "198.51.100.\(index)"]
      case 3: ["allow-key", key, "--rate", "\(5 + index)/s"]
      case 4: ["allow-key", key, "--remove"]
      case 5: ["set-rate", "\(1000 + index)/s"]
      case 6: ["apply", "-f", "-"]
      default: ["drop-ip", address, "198.51.100.\(index)", "--note", "both"]
      }
    }

    @Test(
      "50 at once: each succeeds, or has waited long enough, and some order of them explains the end"
    )
    func fifty() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", "192.0.2.1", "192.0.2.3", "--force"])
      let calls = try (0..<50).map { index in
        let timeout = index.isMultiple(of: 10) ? "20ms" : "30s"
        let words = Self.call(index) + ["--force", "--timeout", timeout, "-o", "json"]
        let command = live.aegis.command(words, namespace: live.sandbox.host.namespace)
        return (index, try command.start(input: Self.policy))
      }
      var balance = ["192.0.2.1": 1, "192.0.2.3": 1]
      var rates: Set<String> = []
      var late = 0
      for (index, call) in calls {
        let outcome = try call.wait()
        #expect([0, 75].contains(outcome.status), "\(Self.call(index)): \(outcome)")
        if outcome.status != 0 {
          #expect(index.isMultiple(of: 10), "\(Self.call(index)): \(outcome)")
          late += 1
          continue
        }
        if Self.call(index)[0] == "set-rate" { rates.insert(Self.call(index)[1]) }
        for (name, step) in try Self.changes(outcome.json) { balance[name, default: 0] += step }
      }
      print("crowd: \(late) of 50 timed out")
      try check(live, balance, rates)
    }

    /// What came and what went, as the report of a call says.
    private static func changes(_ report: JSON) -> [(String, Int)] {
      (report["items"].array + report["changes"].array).compactMap { item in
        guard let name = item["name"].string, let action = item["action"].string else { return nil }
        return (name, action == "added" ? 1 : action == "removed" ? -1 : 0)
      }
    }

    private func check(_ live: Live, _ balance: [String: Int], _ rates: Set<String>) throws {
      let dump = try live.ok(["dump"])
      let names =
        dump["drops"].array.map { $0["name"].string ?? "" }
        + dump["keys"].array.map { $0["name"].string ?? "" }
      // Each that came more often than it went is there, and nothing came twice without going between.
      for (name, count) in balance where name.contains(".") || name.hasPrefix("any") {
        #expect(count == (names.contains(name) ? 1 : 0), "\(name)")
      }
      #expect(names.allSatisfy { balance[$0] == 1 }, "\(names)")
      #expect(rates.contains(dump["rates"][0]["rate"].string ?? ""), "\(rates)")
      let picture = try Picture(of: live)
      #expect(picture.strayRates == 0)
      #expect(picture.leftovers.isEmpty)
      #expect(try live.run(["repair", "--dry-run"]).status == 0)
      for name in names where balance[name] == 1 && name.hasPrefix("192.") {
        #expect(try !live.arrives(from: name), "\(name)")
      }
    }
  }
}
