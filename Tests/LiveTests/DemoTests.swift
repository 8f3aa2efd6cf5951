import TestSupport
import Testing

extension Kernel {
  /// What README shows.
  struct DemoTests {
    @Test("the tour ends well, and its packets are judged as it says")
    func tour() throws {
      let outcome = try Aegisctl().run(["demo"])
      #expect(outcome.status == 0, "\(outcome)")
      #expect(outcome.output.contains("sent 100 from 10.0.0.2: 100 arrived"))
      #expect(outcome.output.contains("sent 100 from 10.0.0.4: 0 arrived"))
    }

    @Test("the attack is found, stopped and explained")
    func attack() throws {
      let outcome = try Aegisctl().run(["demo", "--attack"])
      #expect(outcome.status == 0, "\(outcome)")
      for expected in [
        "would-drop.rate  all ", "drop.host: its source address is on the drop list",
        "pass.default: no entry names it", "10.0.0.3  ", "times     in ns",
      ] {
        #expect(outcome.output.contains(expected), "no \(expected) in \(outcome.output)")
      }
    }
  }
}
