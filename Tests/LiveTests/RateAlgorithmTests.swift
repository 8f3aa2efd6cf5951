import BPF
import Glibc
import TestSupport
import Testing

extension Kernel {
  struct RateAlgorithmTests {
    @Test func aWindowAdmitsItsAmountUntilItEnds() throws {
      let live = try Live.attached()
      try live.ok(["set-rate", "30/m", "--algorithm", "fixed-window"])
      let dump = try live.ok(["dump", "rates"])["rates"][0]
      #expect(dump["algorithm"].string == "fixed-window")
      Monotonic.wait(for: 8, ofPeriod: 60)
      let receiver = try live.sandbox.receiver(port: 7000)
      for _ in 0..<4 { try live.sandbox.send(from: "192.0.2.1", port: 7000, count: 20) }
      try live.sandbox.send(from: "192.0.2.2", port: 7000, count: 40)
      #expect(receiver.count() == 60)
      #expect(try live.stats()["drop.rate"] == 60)
    }

    /// One full window after the other: none has anything left over for the next. Frames have 242 bytes.
    @Test(arguments: [("8/s", 8), ("7/s", 7), ("1694B/s", 7), ("13599bit/s", 7)])
    func oneWindowAfterTheOther(rate: String, amount: Int) throws {
      let live = try Live.attached()
      try live.ok(["set-rate", rate, "--algorithm", "fixed-window"])
      let receiver = try live.sandbox.receiver(port: 7000)
      var windows: [Int] = []
      Monotonic.waitForNext(ofPeriod: 1)
      for _ in 0..<4 {
        let start = Monotonic.seconds()
        try live.sandbox.send(port: 7000, count: 20, size: 200)
        let count = receiver.count()
        // Unless the sender was held up for so long that it sent in two windows.
        if Int(start) == Int(Monotonic.seconds()) { windows.append(count) }
        Monotonic.waitForNext(ofPeriod: 1)
      }
      try #require(windows.count >= 2)
      #expect(windows.allSatisfy { $0 == amount }, "\(windows)")
    }

    @Test func eachCPUAdmitsItsShare() throws {
      let live = try Live.attached()
      let cpus = try CPUs.possible()
      let share = 3
      let burst = share * cpus
      try live.ok(["set-rate", "10/h", "--burst", "\(burst)", "--algorithm", "per-cpu"])
      let receiver = try live.sandbox.receiver(port: 7000)
      var admitted = 0
      for cpu in 0..<min(cpus, 8) where try isAllowed(cpu, live) {
        try send(40, on: cpu, live)
        let count = receiver.count()
        #expect(count == share, "CPU \(cpu)")
        admitted += count
      }
      #expect(admitted >= share)
      for cpu in 0..<min(cpus, 8) where try isAllowed(cpu, live) { try send(40, on: cpu, live) }
      #expect(receiver.count() == 0)
      // Wherever it is sent, no more than the burst.
      try live.sandbox.send(from: "192.0.2.9", port: 7000, count: 200)
      #expect((share...burst).contains(receiver.count()))
    }

    private func send(_ count: Int, on cpu: Int, _ live: Live) throws {
      let sandbox = live.sandbox
      // Threads inherit their affinity; this one is over afterwards.
      try sandbox.inside(.peer) {
        try Self.pin(to: cpu)
        try sandbox.send(port: 7000, count: count)
      }
    }

    private func isAllowed(_ cpu: Int, _ live: Live) throws -> Bool {
      try live.sandbox.inside(.peer) { (try? Self.pin(to: cpu)) != nil }
    }

    /// Pins the thread. Glibc hides the function from those who do not define _GNU_SOURCE.
    static func pin(to cpu: Int) throws {
      typealias SetAffinity = @convention(c) (pid_t, Int, UnsafePointer<UInt64>) -> Int32
      let symbol = try #require(dlsym(nil, "sched_setaffinity"))
      let setAffinity = unsafeBitCast(symbol, to: SetAffinity.self)
      var mask: UInt64 = 1 << UInt64(cpu)
      guard setAffinity(0, MemoryLayout.size(ofValue: mask), &mask) == 0 else {
        throw SupportError("CPU \(cpu) is not ours")
      }
    }
  }
}
