import TestSupport
import Testing

extension Kernel {
  struct OffenderTests {
    private func offenders(_ live: Live, _ more: String...) throws -> JSON {
      try live.ok(["dump", "offenders"] + more)["offenders"]
    }

    /// One in 64 of 5000 is noted: less than half of what is to be expected comes once in 300,000 times.
    private func isClose(_ estimate: Int?) -> Bool { (2500...10_000).contains(estimate ?? 0) }

    @Test func aFloodIsNotedWithItsRule() throws {
      let live = try Live.attached()
      try live.limit(20)
      try live.limit(10, "--port", "7000/udp")
      #expect(try offenders(live).array.isEmpty)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 5010)
      try live.sandbox.send(from: "192.0.2.8", port: 7001, count: 5020)
      // Within its rate, to both.
      try live.sandbox.send(from: "192.0.2.7", port: 7000, count: 10)
      try live.sandbox.send(from: "192.0.2.7", port: 7001, count: 20)
      #expect(try live.stats()["drop.rate"] == 10_000)

      let found = try offenders(live)
      #expect(Set(found.array.map { $0["name"].string }) == ["192.0.2.8", "192.0.2.9"])
      #expect(found.first("name", "192.0.2.9")["rule"].string == "port 7000/udp")
      #expect(found.first("name", "192.0.2.8")["rule"].string == "all")
      for offender in found.array {
        #expect(isClose(offender["droppedEstimate"].int), "\(offender)")
        #expect((0...60).contains(offender["firstSecondsAgo"].int ?? -1))
        #expect((0...60).contains(offender["lastSecondsAgo"].int ?? -1))
      }
      let worst = found.array.compactMap { $0["droppedEstimate"].int }
      #expect(worst == worst.sorted(by: >))
      #expect(try offenders(live, "--top", "1").array.count == 1)
      // It stays known when its rule is gone.
      try live.ok(["set-rate", "off", "--port", "7000/udp"])
      #expect(try offenders(live).first("name", "192.0.2.9")["rule"].isNull)
    }

    @Test func theRateOfAKeyIsCalledByIt() throws {
      let live = try Live.attached()
      try live.ok(["allow-key", "any:7000/udp", "--rate", "1/m", "--burst", "10"])
      #expect(try live.passes(5010, from: "192.0.2.9", port: 7000) == 10)
      #expect(try live.passes(20, from: "192.0.2.9", port: 7001) == 20)
      #expect(try live.stats()["drop.rate"] == 5000)
      let found = try offenders(live).first("name", "192.0.2.9")
      #expect(found["rule"].string == "key any:7000/udp")
      #expect(isClose(found["droppedEstimate"].int))
      // The rules decide again once the key has no rate.
      try live.ok(["allow-key", "any:7000/udp", "--rate", "off"])
      #expect(try live.passes(20, from: "192.0.2.9", port: 7000) == 20)
    }

    @Test(arguments: [false, true])
    func theirNamesCanBeDropped(isIPv6: Bool) throws {
      let live = try Live.attached(ipv6: isIPv6)
      let (source, name) =
        isIPv6 ? ("2001:db8:1:1::9", "2001:db8:1:1::/64") : ("192.0.2.9", "192.0.2.9")
      try live.limit(10, "--port", "7000/udp")
      try live.sandbox.send(from: source, port: 7000, count: 5010)
      let names = try live.run(["dump", "offenders", "-o", "name"]).output
      #expect(names == name + "\n")
      let dropped = try live.ok(["drop-ip", "--ttl", "1h", "-f", "-"], input: names)
      #expect(dropped["counts"]["added"].int == 1)
      #expect(try live.ok(["dump", "drops"])["drops"][0]["name"].string == name)
      #expect(try live.passes(20, from: source, port: 7001) == 0)
      #expect(try live.stats()[isIPv6 ? "drop.prefix" : "drop.host"] == 20)
    }

    /// Whatever sources are told apart by later: what is named here, somebody drops.
    @Test func aNameIsOfWhatWasLimited() throws {
      let live = try Live.attached()
      try live.limit(10)
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 5000)
      try live.ok(["set-rate", "--source-prefix", "24,56"])
      try live.sandbox.send(from: "198.51.100.9", port: 7000, count: 5000)
      let first = try offenders(live).array.compactMap { $0["name"].string }
      #expect(!first.contains("192.0.2.0/24"))
      #expect(first.contains("198.51.100.0/24"))
      try live.ok(["set-rate", "--source-prefix", "32,64"])
      let second = try offenders(live).array.compactMap { $0["name"].string }
      #expect(!second.contains("198.51.100.0"))
    }
  }
}
