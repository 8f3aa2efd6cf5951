import Aegis
import Foundation
import TestSupport
import Testing

@testable import TestModel

extension DatapathTests {
  /// The programs for XDP and for tc, that of the last layout, the library that asks the kernel for the maps, and the
  /// independent model decide alike about each packet, for the same reason, whether it comes or leaves.
  ///
  /// Rates give nothing back while a test runs, for the programs look at the clock one after the other. Frames have 14
  /// bytes at least and are in one piece: without that the kernel runs none of the programs, or not that for tc.
  @Suite struct AgreementTests {
    private static let frames = 25
    /// Of the host, where the packets that leave come from.
    private static let listening: Set<UInt16> = [Transport.sourcePort]
    private static let isExhaustive =
      ProcessInfo.processInfo.environment["AEGIS_EXHAUSTIVE"] == "1"
    /// Of packets and policies that the model judges too: 20,000, or two million with AEGIS_EXHAUSTIVE=1, which takes
    /// ten minutes.
    private static let pairs = isExhaustive ? 2_000_000 : 20_000

    @Test func kernelHostAndModelAgree() throws {
      let sandbox = try Sandbox()
      let listeners = try Self.listening.map { try sandbox.listener(port: $0) }
      defer { withExtendedLifetime(listeners) {} }
      try sandbox.inside(.host) { [bare = try sandbox.ifindex] in
        try Self.compare(Judges(listening: Self.listening, bare: bare))
      }
    }

    private static func compare(_ judges: borrowing Judges) throws {
      let start = ContinuousClock.now
      var seen = Seen()
      while seen.byModel < pairs {
        seen.policies += 1
        var generator = SeededGenerator(seed: seen.policies << 40)
        var policy = generator.policy()
        if generator.chance(2) {
          policy = generator.adding(rulesTo: policy, atMost: Rules.most)
        }
        let seed = (generator.next(), generator.next(), generator.next())
        let isCrowded = policy.hasLimits && generator.chance(3)
        let (isCut, isBare) = (generator.chance(3), generator.chance(4))
        try judges.apply(policy, seed: seed, isCrowded: isCrowded)
        for direction in Direction.allCases {
          let buffers = (0..<frames).map { _ in
            let frame =
              generator.chance(4) ? generator.hostileFrame(to: Frame.host) : generator.frame()
            var buffer = generator.buffer(direction, frame)
            if isBare { buffer = generator.bared(buffer) }
            return isCut ? generator.cut(buffer) : buffer
          }
          let builds = Build.allCases.filter {
            $0.direction == direction && ($0.isBehindTC || !isCut && !isBare)
          }
          try check(buffers, under: policy, by: judges, builds, isCrowded: isCrowded, &seen)
        }
      }
      #expect(Set(seen.reached.keys) == Reason.ofEither, "what comes must be of every kind")
      #expect(seen.wouldDrops.count > 3)
      #expect(seen.limiterTrouble > 0)
      #expect(seen.classes == [0, 1, 2, 9, 16])
      #expect(seen.lists.contains(0) && seen.lists.count > 16)
      #expect(seen.cut > seen.pairs / 10)
      // Layout 4 reads no SNAP, and has no part in what follows under limits, nor under lists, nor in half of all that
      // comes.
      #expect(seen.byEveryBuild > seen.pairs / 16)
      if isExhaustive { seen.report(after: start.duration(to: .now)) }
    }

    @Test("keys are asked for in their order for a port or a protocol of 0 too")
    func keysHaveAnOrder() throws {
      let judges = try Judges(bare: 2)
      let one = Policy.Limits(total: Policy.Limits.Buckets(packets: .init(size: 1)))
      let plain = Policy.deny.key("192.0.0.0/16:80").key("192.0.2.0/24/udp").key("192.0.2.0/24")
        .key("192.0.2.0/25:80/udp")
      // Of the packets below, UDP finds a key without a rate or one with, the others only the latter.
      for limited: [AllowKey] in [["any"], ["any", "any/udp"]] {
        var policy = plain
        policy.keys += limited.map { Policy.Key(key: $0, limits: one) }
        for port: UInt16 in [0, 53] {
          try judges.apply(policy, seed: (1, 2, 3), isCrowded: false)
          var seen = Seen()
          let packets: [Transport] = [.udp(port), .tcp(port), .other(0)]
          let buffers = (packets + packets).map { Buffer(frame: Frame(IPv4($0))) }
          try Self.check(
            buffers, under: policy, by: judges, [.xdp, .tc, .layout4], isCrowded: false, &seen)
          #expect(
            Set(seen.reached.map { "\($0.key.name) \($0.value)" })
              == ["drop.rate \(2 + limited.count)", "pass.key \(4 - limited.count)"])
        }
      }
    }

    /// The kernel makes no such buffer for a test of the programs behind tc.
    @Test("packets beyond 64 KiB are the same to the library and the model, whole or to be cut")
    func big() throws {
      let judges = try Judges(bare: 2)
      let cuts: [(UInt16, UInt16)] = [(0, 0), (1448, 0), (1448, 49), (.max, 2)]
      for test in BigCases.all {
        for (direction, (size, segments)) in Direction.allCases.flatMap({ way in
          cuts.map { (way, $0) }
        }) {
          try judges.apply(test.policy, seed: (1, 2, 3), isCrowded: false)
          var model = Model(test.policy)
          var reason: Reason?
          for frame in test.earlier + [test.frame] {
            var buffer = Buffer(
              frame: direction == .out ? frame.mirrored : frame, direction: direction)
            (buffer.segmentSize, buffer.segments) = (size, segments)
            let expected = model.outcome(of: buffer)
            reason = expected.reason
            for (build, outcome) in try judges.runOnHost(buffer) {
              let wanted = build == .trace ? expected.uncounted : expected
              #expect(outcome == wanted, "\(test.name), \(direction), \(size), \(segments)")
            }
          }
          #expect(reason == test.reason, "\(test.name), \(direction), \(size), \(segments)")
        }
      }
    }

    /// Throws at the first difference.
    private static func check(
      _ buffers: [Buffer], under policy: Policy, by judges: borrowing Judges, _ all: [Build],
      isCrowded: Bool, _ seen: inout Seen
    ) throws {
      // Which sources share a bucket in a crowd is up to a hash that the model does not know.
      var model = isCrowded ? nil : Model(policy, listening: listening)
      var builds = all
      // By number, then passed, dropped and would-drop; not all frames are for tc.
      let counted = model == nil ? [] : try judges.classCounts(of: all[0])
      var counts = [Int: [UInt64]]()
      let listed = model == nil || policy.lists.isEmpty ? [] : try judges.listCounts(of: all)
      // Packets and bytes, dropped and would-drop; not all builds run all frames.
      var listCounts = [Build?: [Int: [UInt64]]]()
      let before = try judges.limiterTrouble()
      for (place, buffer) in buffers.enumerated() {
        builds.removeAll { $0.strays(buffer.frame, under: policy) }
        let inKernel = try judges.run(buffer, by: builds)
        if inKernel.isEmpty { continue }
        let onHost = try judges.runOnHost(buffer)
        let expected = model?.outcome(of: buffer) ?? inKernel[0].outcome
        if let model, policy.asksForClasses {
          var row = counts[model.classNumber] ?? [0, 0, 0]
          row[expected.verdict == .drop ? 1 : 0] += expected.packets
          if expected.wouldDrop != nil { row[2] += expected.packets }
          counts[model.classNumber] = row
          seen.classes.insert(model.classNumber)
        }
        if let list = model?.list, !policy.lists.isEmpty {
          let numbers = [expected.packets, expected.bytes]
          let isDropped = ["drop.host", "drop.prefix"].contains(expected.reason?.name)
          let row = isDropped ? numbers + [0, 0] : [0, 0] + numbers
          for build in inKernel.map({ Optional($0.build) }) + [nil] {
            let before = listCounts[build]?[list] ?? [0, 0, 0, 0]
            listCounts[build, default: [:]][list] = zip(before, row).map { $0 + $1 }
          }
          seen.lists.insert(list)
        }
        let tried = expected.uncounted
        func comment() -> Comment {
          """
          policy \(seen.policies), frame \(place)
          \(isCrowded ? "the first program" : "the model"): \(expected)
          in the kernel: \(inKernel)
          on the host: \(onHost)
          policy: \(policy)
          buffer: \(buffer)
          frame: \(buffer.frame.bytes.hex)
          """
        }
        let reason = try #require(expected.reason, comment())
        try #require(
          expected.verdict == reason.verdict
            && inKernel.allSatisfy { $0.outcome == expected }
            && onHost.allSatisfy { $0.outcome == ($0.build == .trace ? tried : expected) },
          comment())
        if let list = model?.list {
          try #require(judges.listTried(buffer.direction) == list, comment())
        }
        seen.add(expected, reason, byModel: !isCrowded, by: inKernel.map(\.build))
      }
      if !counted.isEmpty {
        let now = try judges.classCounts(of: all[0])
        for (number, (now, before)) in zip(now, counted).enumerated() {
          let moved = zip(now.packets, before.packets).map { $0 - $1 }
          try #require(
            moved == counts[number] ?? [0, 0, 0],
            "policy \(seen.policies), class \(number): \(policy)")
        }
      }
      if !listed.isEmpty {
        let now = try judges.listCounts(of: all)
        let names = all.filter { $0 != .layout4 }.map(Optional.init) + [nil]
        for (name, (now, before)) in zip(names, zip(now, listed)) {
          for (number, (now, before)) in zip(now, before).enumerated() {
            let moved = zip(now.numbers, before.numbers).map { $0 - $1 }
            try #require(
              moved == listCounts[name]?[number] ?? [0, 0, 0, 0],
              "policy \(seen.policies), list \(number), \(name.map { "\($0)" } ?? "host"): \(policy)"
            )
          }
        }
      }
      let trouble = zip(Build.allCases, zip(try judges.limiterTrouble(), before))
        .filter { builds.contains($0.0) }.map { $1.0 - $1.1 }
      try #require(Set(trouble).count == 1, "policy \(seen.policies): \(trouble)")
      seen.limiterTrouble += trouble[0]
    }
  }
}

/// What came, and who judged it.
private struct Seen {
  var policies: UInt64 = 0
  /// That packets had.
  var classes: Set<Int> = []
  /// That packets counted for.
  var lists: Set<Int> = []
  private(set) var pairs = 0
  private(set) var byModel = 0
  /// By all programs for what comes.
  private(set) var byEveryBuild = 0
  /// Buffers that stand for several packets.
  private(set) var cut = 0
  private(set) var reached: [Reason: Int] = [:]
  private(set) var wouldDrops: [Reason: Int] = [:]
  /// Packets that shared a way of the limiter, or lost the race for one.
  var limiterTrouble: UInt64 = 0

  /// - Parameter builds: Those of them that the kernel ran.
  mutating func add(
    _ outcome: LoadedDatapath.Outcome, _ reason: Reason, byModel isByModel: Bool,
    by builds: [Build]
  ) {
    pairs += 1
    if isByModel { byModel += 1 }
    if builds == [.xdp, .tc, .layout4] { byEveryBuild += 1 }
    if outcome.packets > 1 { cut += 1 }
    reached[reason, default: 0] += 1
    if let wouldDrop = outcome.wouldDrop { wouldDrops[wouldDrop, default: 0] += 1 }
  }

  func report(after duration: Duration) {
    print(
      """
      \(byModel) packets under policies judged by kernel, host library and model: 0 differences
      \(pairs - byModel) more, of sources that share buckets, by all but the model: 0 differences
      \(policies) policies; of all \(pairs) packets \(byEveryBuild) by XDP, tc and the last layout alike, \(cut) cut \
      into several; \(duration)
      """)
    for (reason, count) in reached.sorted(by: { $0.value > $1.value }) {
      print("\(reason.name) \(count), would \(wouldDrops[reason, default: 0])")
    }
  }
}

extension LoadedDatapath.Outcome {
  /// A trace counts nothing.
  fileprivate var uncounted: Self {
    var copy = self
    (copy.packets, copy.bytes) = (0, 0)
    return copy
  }
}

extension Model {
  fileprivate mutating func outcome(of buffer: Buffer) -> LoadedDatapath.Outcome {
    let reason = judge(buffer)
    return LoadedDatapath.Outcome(
      verdict: reason.verdict, reason: reason, wouldDrop: wouldDrop,
      packets: UInt64(size.packets), bytes: UInt64(size.bytes))
  }
}
