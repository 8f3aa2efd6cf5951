import Aegis
import CAegis
import Testing

@testable import TestModel

extension DatapathTests {
  /// The limiter with a clock that nobody holds.
  @Suite struct LimiterTests {
    private static let four = Frame(IPv4(.tcp(), from: "192.0.2.1"))
    private static let six = Frame(IPv6(.tcp(), from: "2001:db8::1"))

    /// At one an hour nothing comes back meanwhile.
    @Test(arguments: [1, 2, 3, 7, 16, 19]) func burstIsExact(burst: UInt32) throws {
      let datapath = try LoadedDatapath.shared
      try datapath.apply(.allow.burst(burst))
      let trouble = try datapath.limiterTrouble()
      for frame in [Self.four, Self.six] {
        let passed = try reasons(of: frame, count: 40)
        #expect(passed.prefix(Int(burst)).allSatisfy { $0 == Reason(AEGIS_PASS_DEFAULT) })
        #expect(passed.dropFirst(Int(burst)).allSatisfy { $0 == Reason(AEGIS_DROP_RATE) })
      }
      #expect(try datapath.limiterTrouble() == trouble)
    }

    /// 500 ms are due between two packets; the flood meanwhile must not add to them.
    @Test func recovers() async throws {
      try LoadedDatapath.shared.apply(.allow.limit(2, .second, burst: 3))
      let start = ContinuousClock.now
      let first = try passed(Self.four, of: 1000)
      // On a slow machine the flood itself takes long enough for one more.
      let slack = Int(start.duration(to: .now) / .milliseconds(500))
      #expect(3...3 + slack ~= first)
      try await Task.sleep(for: .milliseconds(600))
      #expect(try passed(Self.four, of: 1) == 1)
    }

    /// All that is saved up is the burst.
    @Test func savesNoMoreThanTheBurst() async throws {
      try LoadedDatapath.shared.apply(.allow.limit(20, .second, burst: 2))
      #expect(try passed(Self.six, of: 2) == 2)
      try await Task.sleep(for: .milliseconds(500))
      let start = ContinuousClock.now
      let again = try passed(Self.six, of: 100)
      let slack = Int(start.duration(to: .now) / .milliseconds(50)) + 1
      #expect(2...2 + slack ~= again)
    }

    /// Over a second the rate is kept, from above and from below.
    @Test func keepsTheRate() throws {
      try LoadedDatapath.shared.apply(.allow.limit(1000, .second, burst: 10))
      let start = ContinuousClock.now
      var count = 0
      var last = start
      while start.duration(to: .now) < .seconds(1) {
        count += try passed(Self.four, of: 10)
        last = .now
      }
      let due = start.duration(to: last) / .milliseconds(1)
      #expect(count <= 10 + Int(due) + 1)
      // A machine that stalls for longer than the burst offers less than it may.
      #expect(count >= Int(due * 0.5))
    }

    @Test func subnetIsOneSource() throws {
      try LoadedDatapath.shared.apply(.allow.burst(5))
      let frames = (1...20).map { host in
        Frame(IPv6(.tcp(), from: .v6(0x2001_0db8_0000_0007 << 64 | UInt128(host) << 50)))
      }
      let passed = try frames.filter {
        try reasons(of: $0, count: 1) == [Reason(AEGIS_PASS_DEFAULT)]
      }
      #expect(passed.count == 5)
    }

    @Test func everyV4HostIsASource() throws {
      try LoadedDatapath.shared.apply(.allow.burst(1))
      for host: UInt32 in 1...20 {
        let frame = Frame(IPv4(.tcp(), from: .v4(0xc000_0200 + host)))
        #expect(try passed(frame, of: 3) == 1)
      }
    }

    @Test func protectedIsNotLimited() throws {
      try LoadedDatapath.shared.apply(.allow.protect("any:443/tcp").burst(1))
      for frame in [Self.four, Self.six] {
        #expect(try Set(reasons(of: frame, count: 100)) == [Reason(AEGIS_PASS_PROTECTED)])
      }
    }

    private func reasons(of frame: Frame, count: Int) throws -> [Reason?] {
      let datapath = try LoadedDatapath.shared
      return try (0..<count).map { _ in try datapath.run(frame).reason }
    }

    private func passed(_ frame: Frame, of count: Int) throws -> Int {
      try reasons(of: frame, count: count).filter { $0?.verdict == .pass }.count
    }
  }
}
