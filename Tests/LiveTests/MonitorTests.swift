import Foundation
import TestSupport
import Testing

extension Kernel {
  /// What would be dropped is counted, and passes.
  @Suite struct MonitorTests {
    @Test("monitor mode drops nothing and says what it would; enforce drops it again")
    func mode() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", live.peer])
      #expect(try !live.arrives())
      let change = try live.ok(["set-mode", "monitor"])
      #expect(change["changed"].bool == true)
      #expect(try live.ok(["set-mode", "monitor"])["changed"].bool == false)
      #expect(try live.arrives())
      let stats = try live.stats()
      #expect(stats["pass.monitored"] == 1)
      #expect(stats.object["wouldDrop"].first("reason", "drop.host")["packets"].int == 1)
      #expect(stats["drop.host"] == 1)
      #expect(stats.isConsistent)
      #expect(try live.run(["status"]).output.contains("MONITOR"))
      #expect(try live.run(["stats"]).output.contains("would-drop.host"))
      try live.ok(["set-mode", "enforce"])
      #expect(try !live.arrives())
    }

    @Test("a monitored entry counts and lets pass, until it is added without")
    func entry() throws {
      let live = try Live.attached()
      try live.ok(["drop-ip", live.peer, "--monitor"])
      #expect(try live.arrives())
      #expect(try live.ok(["dump", "drops"])["drops"][0]["monitor"].bool == true)
      #expect(try live.ok(["dump", "drops"])["drops"][0]["hits"].int == 1)
      #expect(try live.ok(["drop-ip", live.peer, "--monitor"])["changed"].bool == false)
      #expect(try live.ok(["drop-ip", live.peer])["changed"].bool == true)
      #expect(try !live.arrives())
    }

    @Test("a monitored rate lets everything pass and counts what is over it")
    func rate() throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "1/h", "--burst", "2", "--monitor"])
      let receiver = try live.sandbox.receiver(port: 7001)
      try live.sandbox.send(port: 7001, count: 10)
      #expect(receiver.take(expecting: 10, quiet: 0.2).count == 10)
      #expect(try live.stats().object["wouldDrop"].first("reason", "drop.rate")["packets"].int == 8)
      #expect(try live.ok(["dump", "rates"])["rates"][0]["monitor"].bool == true)
      try live.ok(["set-rate", "1/h", "--burst", "2"])
      #expect(try !live.arrives(port: 7002))
    }
  }

  /// A change that nobody confirms undoes itself, with no process alive.
  @Suite struct DeadlineTests {
    @Test("a client that the policy cuts off is back after the deadline")
    func deadMansSwitch() throws {
      let live = Live(try Sandbox())
      try live.ok(["load"])
      try live.ok(["set-default", "deny", "--force"])
      try live.ok(["attach", live.interface, "--confirm-within", "2s"])
      #expect(try !live.arrives())
      #expect(try live.run(["status"]).output.contains("UNCONFIRMED"))
      Thread.sleep(forTimeInterval: 2.1)
      #expect(try live.arrives())
      #expect(try live.stats()["pass.unconfirmed"] == 1)
      #expect(try live.run(["status"]).output.contains("ALL PACKETS PASS"))
      #expect(try live.ok(["confirm"])["changed"].bool == true)
      #expect(try !live.arrives())
      #expect(try live.ok(["confirm"])["changed"].bool == false)
    }

    @Test("what is confirmed in time stays")
    func confirmed() throws {
      let live = Live(try Sandbox())
      try live.ok(["load"])
      try live.ok(["set-default", "deny", "--force"])
      try live.ok(["attach", live.interface, "--confirm-within", "1s"])
      try live.ok(["confirm"])
      Thread.sleep(forTimeInterval: 1.1)
      #expect(try !live.arrives())
    }

    @Test("a new attach takes a deadline that has passed away, and none that is to come")
    func attachedAnew() throws {
      let live = Live(try Sandbox())
      try live.ok(["load"])
      try live.ok(["set-default", "deny", "--force"])
      try live.ok(["attach", live.interface, "--confirm-within", "1s"])
      try live.ok(["attach", live.interface])
      #expect(try live.ok(["status"])["secondsToConfirm"].double.map { $0 > 0 } == true)
      Thread.sleep(forTimeInterval: 1.1)
      #expect(try live.arrives())
      try live.ok(["attach", live.interface])
      #expect(try !live.arrives())
    }
  }
}
