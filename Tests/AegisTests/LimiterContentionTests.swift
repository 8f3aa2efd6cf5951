import CAegis
import Foundation
import HostLimiter
import Linux
import Testing

@testable import Aegis

/// One bucket under two CPUs at once.
@Suite("The limiter under contention")
struct LimiterContentionTests {
  private final class Shared: @unchecked Sendable {
    let line = UnsafeMutablePointer<aegis_line>.allocate(capacity: 1)
    let rate: aegis_rate
    let end: UInt64
    let done = DispatchSemaphore(value: 0)
    var admitted: [Int] = [0, 0]
    var tries: [Int] = [0, 0]
    var began: [UInt64] = [.max, .max]

    init(_ rate: aegis_rate, seconds: UInt64) {
      self.rate = rate
      line.initialize(to: aegis_line())
      end = Clock.monotonic() + seconds * 1_000_000_000
    }

    deinit { line.deallocate() }

    func hammer(_ index: Int) {
      var rate = rate
      var admitted = 0
      var tries = 0
      var now = Clock.monotonic()
      began[index] = now
      while now < end {
        if host_limit(line, &rate, 1, now, 1) == AEGIS_CONFORMS.rawValue { admitted += 1 }
        tries += 1
        now = Clock.monotonic()
      }
      self.admitted[index] = admitted
      self.tries[index] = tries
      done.signal()
    }
  }

  @Test("admits in ten seconds exactly what one thread would")
  func hammer() throws {
    // So much burst that a thread may be off its CPU for a while without anything being lost.
    let burst = 50_000
    let rate = try Rate("100k/s", burst: UInt32(burst))
    let seconds: UInt64 = 10
    let shared = Shared(try rate.abi(), seconds: seconds)
    for index in 0..<2 { Thread { shared.hammer(index) }.start() }
    for _ in 0..<2 { shared.done.wait() }
    let admitted = shared.admitted.reduce(0, +)
    let nanoseconds = shared.end - (shared.began.min() ?? 0)
    let most = burst + Int(nanoseconds / 10_000)
    #expect(admitted <= most)
    // The last look may be some time before the end.
    #expect(admitted >= most - 1000, "\(admitted) of \(most)")
    #expect(shared.tries.allSatisfy { $0 > 100_000 })
  }
}
