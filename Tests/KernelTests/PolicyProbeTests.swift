import CAegis
import Linux
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension DatapathTests {
  /// What a probe says is what then happens, and it leaves everything as it was.
  @Suite struct PolicyProbeTests {
    private static let policies = 1...UInt64(Machine.few(200, atLeast: 60))
    private static let frames = 50

    @Test(
      "packets under many policies are judged as they were told, and trials leave no trace")
    func agrees() throws {
      let pinned = try PinnedDatapath(sources: 12)
      let loaded = try pinned.loaded()
      let probe = try PolicyProbe(pinned.datapath)
      var reached: Set<Reason> = []
      var decidedByRules = 0
      for seed in Self.policies {
        var generator = SeededGenerator(seed: seed << 32)
        let policy = generator.policy()
        try pinned.clearRules()
        try loaded.apply(policy)
        if generator.chance(2) { try pinned.set(generator.rules()) }
        for number in 0..<Self.frames {
          let frame = generator.frame()
          let before = try loaded.state()
          let told = try probe.judge(frame.bytes)
          try #require(try loaded.state() == before, "seed \(seed), frame \(number): a trace")
          let trace = try pinned.datapath.trace(of: told)
          let outcome = try loaded.run(frame)
          reached.insert(told.reason)
          try #require(
            told.reason == outcome.reason && told.wouldDrop == outcome.wouldDrop,
            "seed \(seed), frame \(number): told \(trace), got \(outcome); \(policy); \(frame.bytes.hex)"
          )
          try check(trace)
          if trace.steps.contains(where: { $0.rate?.buckets.isEmpty == false }) {
            decidedByRules += 1
          }
        }
      }
      #expect(reached == Reason.ofIngress, "what comes must be of every kind")
      #expect(decidedByRules > 5 * Self.policies.count / 2)
    }

    /// The way ends with a step that does what the verdict says, and every entry it names is there.
    private func check(_ trace: PacketTrace) throws {
      let last = try #require(trace.steps.last)
      let expected: [PacketTrace.Result] =
        trace.reason.verdict == .drop ? [.drops] : [.passes, .wouldDrop]
      #expect(expected.contains(last.result), "\(trace)")
      #expect(trace.steps.dropLast().allSatisfy { $0.result != .passes }, "\(trace)")
      let buckets = trace.steps.compactMap(\.rate).flatMap(\.buckets)
      let isMonitored = trace.reason.rawValue == AEGIS_PASS_MONITORED.rawValue
      let decisive = isMonitored ? trace.judgement.wouldDrop : trace.reason
      let isOver = buckets.contains { $0.isOver && !$0.rate.isMonitored }
      #expect(isOver == (decisive?.rawValue == AEGIS_DROP_RATE.rawValue), "\(trace)")
    }

    @Test("a burst is told as used up as far as it is")
    func tellsWhatIsLeft() throws {
      let pinned = try PinnedDatapath(sources: 49_152)
      let loaded = try pinned.loaded()
      try loaded.apply(.allow.burst(5))
      let frame = Frame(IPv4(.tcp(), from: "192.0.2.1"))
      let probe = try PolicyProbe(pinned.datapath)
      for left in [5, 4, 3, 2, 1, 0] as [UInt64] {
        let rate = try pinned.datapath.trace(of: probe.judge(frame.bytes)).steps.last?.rate
        let bucket = try #require(rate?.buckets.first)
        #expect(bucket.left == left)
        #expect(bucket.size == 5)
        #expect(bucket.isOver == (left == 0))
        if let wait = bucket.retryAfter { #expect(.seconds(3500)...(.seconds(3600)) ~= wait) }
        _ = try loaded.run(frame)
      }
    }

    @Test("a fixed window gives nothing back before it ends")
    func window() throws {
      let pinned = try PinnedDatapath(sources: 49_152)
      var rate = try Rate(packets: 2, period: .hour)
      rate.algorithm = .fixedWindow
      try pinned.set([RateRule(rate, for: .rest, isTotal: false)])
      let probe = try PolicyProbe(pinned.datapath, buckets: .own)
      let frame = Frame(IPv4(.tcp(), from: "192.0.2.1")).bytes
      let hour: UInt64 = 3_600_000_000_000
      let begin = (Clock.monotonic() / hour + 1) * hour + hour / 6
      let moment = PolicyProbe.Moment(monotonic: begin, boottime: Clock.boottime())
      for _ in 0..<2 { #expect(try probe.judge(frame, at: moment).reason.verdict == .pass) }
      let trace = try pinned.datapath.trace(of: probe.judge(frame, at: moment))
      let bucket = try #require(trace.steps.last?.rate?.buckets.first)
      #expect(bucket.isOver && bucket.left == 0 && bucket.retryAfter == .seconds(3000))
    }

    @Test("a probe with buckets of its own charges them, by the time it is given")
    func ownBuckets() throws {
      let pinned = try PinnedDatapath(sources: 49_152)
      let loaded = try pinned.loaded()
      try loaded.apply(.allow.limit(10, .second, burst: 3))
      let before = try loaded.state()
      let probe = try PolicyProbe(pinned.datapath, buckets: .own)
      let frame = Frame(IPv6(.tcp(), from: "2001:db8::1"))
      let start = PolicyProbe.Moment.now
      func passes(after milliseconds: UInt64) throws -> Bool {
        let moment = PolicyProbe.Moment(
          monotonic: start.monotonic + milliseconds * 1_000_000, boottime: start.boottime)
        return try probe.judge(frame.bytes, at: moment).reason.verdict == .pass
      }
      #expect(
        try (0..<6).map { _ in try passes(after: 0) } == [true, true, true, false, false, false])
      #expect(try !passes(after: 99))
      #expect(try passes(after: 100))
      #expect(try !passes(after: 150))
      #expect(try (0..<4).map { _ in try passes(after: 10_000) } == [true, true, true, false])
      #expect(try loaded.state() == before)
    }

    @Test("a query makes the packet that it says", arguments: [60, 61, 1514])
    func queries(length: Int) throws {
      let pinned = try PinnedDatapath(sources: 6)
      let loaded = try pinned.loaded()
      let probe = try PolicyProbe(pinned.datapath)
      for source in ["192.0.2.1", "2001:db8::1"] {
        for target in ["53/udp", "443", "9/sctp", "gre", "esp"] {
          var query = try PacketQuery(source: source, to: target)
          query.length = length
          let key = try AllowKey(
            source: Prefix(query.source), port: query.port, protocol: query.protocol)
          try loaded.apply(.deny.key(key))
          let frame = query.frame
          #expect(frame.count == length || length < 80 && frame.count <= 80)
          #expect(try probe.judge(frame).reason.name == "pass.key", "\(query)")
          try loaded.apply(.deny)
          #expect(try probe.judge(frame).reason.name == "drop.default", "\(query)")
        }
        let ping = try PacketQuery(source: source, to: nil).frame
        #expect(try probe.judge(ping).reason.name == "drop.default")
      }
    }

    @Test("a frame that Ethernet does not carry is refused", arguments: [0, 13, 65_665])
    func refusesSizes(count: Int) throws {
      let pinned = try PinnedDatapath(sources: 6)
      let probe = try PolicyProbe(pinned.datapath)
      #expect(throws: AegisError.self) { try probe.judge([UInt8](repeating: 0, count: count)) }
    }

    @Test("packets that fill their header's length, or are beyond it, are judged")
    func judgesLongPackets() throws {
      let pinned = try PinnedDatapath(sources: 6)
      let probe = try PolicyProbe(pinned.datapath)
      let most = Frame(IPv4(.udp(53, length: 65_515, payload: 65_507)))
      #expect(try probe.judge(most.bytes).reason.name == "pass.default")
      let beyond = Frame(IPv4(.tcp(443, payload: 100_000)) { $0.totalLength = 0 })
      let known = beyond.truncated(to: PolicyProbe.frameSizes.upperBound)
      #expect(try probe.judge(known.bytes).reason.name == "pass.default")
    }

    @Test("frames of any size are judged", arguments: [14, 60, 1514, 9014, 65_664])
    func judgesSizes(count: Int) throws {
      let pinned = try PinnedDatapath(sources: 6)
      let probe = try PolicyProbe(pinned.datapath)
      let frame = [UInt8](repeating: 0, count: 12) + [0x88, 0xb5]
      let long = frame + [UInt8](repeating: 0, count: count - frame.count)
      #expect(try probe.judge(long).reason.name == "pass.not-ip")
    }
  }
}

extension SeededGenerator {
  /// Rules of every shape, that give nothing back within minutes.
  fileprivate mutating func rules() throws -> [RateRule] {
    var rules: [RateRule] = []
    for _ in 0..<pick(1...5) {
      let host = chance(2) ? host4() : host6()
      let length = host.width - pick([0, 8, 16])
      let port: RateSelector.Port? =
        chance(2) ? nil : try RateSelector.Port("\(pick(Self.ports))/\(pick(["tcp", "udp"]))")
      let selector = RateSelector(
        port: port, prefix: chance(2) ? nil : Prefix(address: host, length: length))
      var rate =
        chance(3)
        ? try Rate(3600, .bytes, period: .hour, burst: UInt32(pick(60...400)))
        : try Rate(packets: 1, period: .hour, burst: UInt32(pick(1...5)))
      if chance(4) { rate.algorithm = .fixedWindow }
      rate.isMonitored = chance(4)
      rules.append(RateRule(rate, for: selector, isTotal: chance(3)))
    }
    return rules
  }
}
