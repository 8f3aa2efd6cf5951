import Foundation
import Synchronization
import TestSupport
import Testing

extension Kernel {
  struct ReplaceTests {
    /// Sends from two sources, one allowed and one dropped, until it is told to stop.
    final class Flow: Sendable {
      private let isOver = Mutex(false)
      private let sent = Mutex(0)
      private let ended = DispatchSemaphore(value: 0)

      init(_ sandbox: Sandbox, dropped: String, port: UInt16) {
        Thread { [self] in
          while !isOver.withLock({ $0 }) {
            for source in [sandbox.peer.v4, dropped] {
              guard (try? sandbox.send(from: source, port: port, count: 20, pause: 0.000_5)) != nil
              else { continue }
              if source != dropped { sent.withLock { $0 += 20 } }
            }
          }
          ended.signal()
        }.start()
      }

      /// Returns how many datagrams the allowed source sent.
      func stop() -> Int {
        isOver.withLock { $0 = true }
        ended.wait()
        return sent.withLock { $0 }
      }
    }

    @Test func noPacketIsLostOrUnfilteredWhileItIsReplaced() throws {
      let live = try Live.attached()
      try live.ok(["set-default", "deny"])
      try live.ok(["allow-key", "any:7000/udp", "--note", "flow"])
      try live.ok(["drop-ip", "192.0.2.9"])
      try live.ok(["set-rate", "1M/s"])
      let receiver = try live.sandbox.receiver(port: 7000)
      let flow = Flow(live.sandbox, dropped: "192.0.2.9", port: 7000)
      var programs: Set<Int> = []
      for round in 0..<20 {
        let size = round.isMultiple(of: 2) ? "--max-drops" : "--max-keys"
        let replaced = try live.ok(["load", "--replace", size, "\(1000 + round)"])
        #expect(replaced["action"].string == "replaced")
        programs.insert(try live.ok(["dump", "links"])["links"][0]["program"].int ?? 0)
        #expect(try live.names().filter { $0.hasPrefix("gen") }.count == 2)
      }
      let sent = flow.stop()
      let arrived = receiver.take()
      #expect(programs.count == 20)
      #expect(sent > 200)
      #expect(arrived.count == sent)
      #expect(arrived.allSatisfy { $0.source == live.peer })
      let stats = try live.stats()
      #expect(stats["pass.key"] == sent)
      #expect(stats["drop.host"] >= sent - 40)
      let dump = try live.ok(["dump"])
      #expect(dump["rates"][0]["rate"].string == "1M/s")
      #expect(dump["keys"][0]["note"].string == "flow")
      #expect(dump["drops"][0]["name"].string == "192.0.2.9")
    }

    @Test("--rollback returns to the program before, with the policy of now; twice is to and fro")
    func rollback() throws {
      let live = try Live.attached(load: ["--max-drops", "1000"])
      try live.fails(1, ["load", "--rollback"])
      try live.ok(["drop-ip", "192.0.2.1"])
      let first = try live.ok(["dump", "links"])["links"][0]["program"].int
      try live.ok(["load", "--replace", "--max-drops", "2000"])
      let second = try live.ok(["dump", "links"])["links"][0]["program"].int
      try live.ok(["drop-ip", "192.0.2.1", "--remove"])
      try live.ok(["drop-ip", live.peer])
      try live.ok(["set-default", "deny"])
      for (program, room) in [(first, 1000), (second, 2000), (first, 1000)] {
        let outcome = try live.ok(["load", "--rollback"])
        #expect(outcome["action"].string == "rolled back")
        #expect(try live.ok(["dump", "links"])["links"][0]["program"].int == program)
        let status = try live.ok(["status"])
        #expect(status["entries"]["drops"]["capacity"].int == room)
        #expect(status["defaultAction"].string == "deny")
        let dump = try live.ok(["dump"])
        #expect(dump["drops"].array.map { $0["name"].string } == [live.peer])
        #expect(try !live.arrives())
      }
      #expect(try live.stats()["drop.host"] == 3)
    }

    @Test("debts go along into a larger table and a smaller one", arguments: ["1000000", "6"])
    func debts(sources: String) throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "1/h", "--burst", "2"])
      let receiver = try live.sandbox.receiver(port: 7001)
      try live.sandbox.send(port: 7001, count: 3)
      #expect(receiver.take(expecting: 2, quiet: 0.2).count == 2)
      try live.ok(["load", "--replace", "--max-sources", sources])
      try live.sandbox.send(port: 7001, count: 3)
      #expect(receiver.take(quiet: 0.2).isEmpty)
      #expect(try live.stats()["drop.rate"] == 4)
    }

    @Test func theSameIsNotReplaced() throws {
      let live = try Live.attached()
      let before = try live.ok(["dump", "links"])["links"][0]["program"].int
      let again = try live.ok(["load", "--replace"])
      #expect(again["changed"].bool == false)
      #expect(try live.ok(["dump", "links"])["links"][0]["program"].int == before)
      #expect(try live.names().filter { $0.hasPrefix("gen") }.count == 1)
      try live.fails(1, ["load", "--max-drops", "77"])
      #expect(
        try live.ok(["load", "--replace", "--max-drops", "77", "--dry-run"])["dryRun"].bool == true)
      #expect(try live.ok(["status"])["entries"]["drops"]["capacity"].int == 1_000_000)
    }
  }
}
