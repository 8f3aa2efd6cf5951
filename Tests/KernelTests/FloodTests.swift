import BPF
import CAegis
import TestSupport
import Testing

@testable import Aegis

extension DatapathTests {
  /// What a flood of spoofed sources that one rate is for does to sources that other rates are for.
  @Suite struct FloodTests {
    /// Which rate decides about a packet.
    enum Kind: UInt8, CaseIterable {
      case rest, port, prefix, portAndPrefix, key, total

      /// Which packets the rate is for; nil is the key's.
      func selector() throws -> RateSelector? {
        let port = try RateSelector.Port("\(destination)/udp")
        switch self {
        case .rest: return .rest
        case .port, .total: return RateSelector(port: port)
        case .prefix: return RateSelector(prefix: try Prefix("\(firstOctet).0.0.0/8"))
        case .portAndPrefix:
          return RateSelector(port: port, prefix: try Prefix("\(firstOctet).0.0.0/8"))
        case .key: return nil
        }
      }

      var firstOctet: UInt8 { 20 + rawValue }

      /// Those for which no port counts go to one that no rule has.
      var destination: UInt16 {
        [.rest, .prefix].contains(self) ? 7000 : 7000 + UInt16(rawValue)
      }

      /// From the source with that number.
      func frame(_ number: UInt32, honest: Bool) -> [UInt8] {
        let low = honest ? number : number | 1 << 20
        let source = [
          firstOctet, UInt8(low >> 16 & 0xff), UInt8(low >> 8 & 0xff), UInt8(low & 0xff),
        ]
        let port = [UInt8(destination >> 8), UInt8(destination & 0xff)]
        let ethernet: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0]
        let ip: [UInt8] = [0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17, 0, 0] + source + [192, 0, 2, 1]
        return ethernet + ip + [0x12, 0x34] + port + [0, 26, 0, 0]
          + [UInt8](repeating: 0, count: 18)
      }
    }

    /// All is by so much smaller on a slow machine.
    private static let scale = UInt32(min(Machine.slowness, 10))
    private static let sources = 1000 / scale
    private static let frameLength: UInt32 = 60

    /// Gives nothing back while a test runs.
    private func rate(_ bursts: UInt32, _ unit: Rate.Unit, _ algorithm: Rate.Algorithm) throws
      -> Rate
    {
      let size = unit == .packets ? 1 : Self.frameLength
      let cpus: UInt32 = algorithm == .perCPU ? UInt32(try CPUs.possible()) : 1
      let amount = bursts * size * cpus
      var rate = try Rate(
        UInt64(amount), unit, period: .hour, burst: algorithm == .fixedWindow ? nil : amount)
      rate.algorithm = algorithm
      return rate
    }

    private func limit(
      _ pinned: PinnedDatapath, _ unit: Rate.Unit, _ algorithm: Rate.Algorithm
    ) throws {
      let each = try rate(5, unit, algorithm)
      for kind in Kind.allCases {
        guard let selector = try kind.selector() else {
          let keys = ListContents([try AllowKey("any:\(kind.destination)/udp")])
          let edit = EntryEdit(rate: .set(each))
          try pinned.make(KeyList(pinned.datapath).plan(putting: keys) { _ in edit }.plan)
          continue
        }
        try pinned.set([RateRule(each, for: selector)])
        if kind == .total {
          // All that its honest sources may send.
          let all = try rate(5 * Self.sources, unit, algorithm)
          try pinned.set([RateRule(all, for: selector, isTotal: true)])
        }
      }
    }

    /// How many packets of honest sources pass, beside a flood.
    private func admitted(
      _ program: borrowing BPFProgram, flood: Kind?, without flooded: Kind, count: UInt32
    ) throws -> Int {
      let others = Kind.allCases.filter { $0 != flooded }
      var passed = 0
      var spoofed: UInt32 = 0
      for _ in 0..<8 {
        for _ in 0..<(flood == nil ? 0 : count / 8) {
          _ = try program.testRun(flooded.frame(spoofed, honest: false))
          spoofed += 1
        }
        for number in 0..<Self.sources {
          let kind = others[Int(number) % others.count]
          if try program.testRun(kind.frame(number, honest: true)).returnValue == 2 { passed += 1 }
        }
      }
      return passed
    }

    @Test(
      "sources under other rates keep what they have without it",
      arguments: [Rate.Unit.packets, .bytes], Rate.Algorithm.allCases)
    func apart(unit: Rate.Unit, algorithm: Rate.Algorithm) throws {
      try apart(unit, algorithm, sources: 6144 / Self.scale, flood: 16_000 / Self.scale)
    }

    @Test("so they do in a table of 49,152 sources")
    func apartInALargeTable() throws {
      try apart(
        .packets, .tokenBucket, sources: 49_152 / Self.scale, flood: 80_000 / Self.scale)
    }

    private func apart(
      _ unit: Rate.Unit, _ algorithm: Rate.Algorithm, sources: UInt32, flood: UInt32
    ) throws {
      let pinned = try PinnedDatapath(sources: sources)
      try limit(pinned, unit, algorithm)
      let program = try BPFProgram(pinnedAt: pinned.root.program)
      for flooded in Kind.allCases {
        try pinned.reset()
        let alone = try admitted(program, flood: nil, without: flooded, count: 0)
        try pinned.reset()
        let beside = try admitted(program, flood: flooded, without: flooded, count: flood)
        #expect(alone * 10 > 45 * Int(Self.sources), "\(flooded): \(alone)")
        // More may pass of a rate on each CPU, where this thread came to another.
        let due = algorithm == .perCPU ? min(alone, 5 * Int(Self.sources)) : alone
        #expect(Double(beside) >= 0.99 * Double(due), "\(flooded): \(beside) of \(alone)")
      }
    }

    /// A source that had sent nothing, under the flooded rate itself, is told that it shares a bucket of that.
    @Test("why tells of the shared bucket only where the flood is for the same rate")
    func why() throws {
      let pinned = try PinnedDatapath(sources: 6)
      try limit(pinned, .packets, .tokenBucket)
      let program = try BPFProgram(pinnedAt: pinned.root.program)
      for number in 0..<20_000 / Self.scale {
        _ = try program.testRun(Kind.port.frame(number, honest: false))
      }
      let probe = try PolicyProbe(pinned.datapath)
      for kind in Kind.allCases {
        let judgement = try probe.judge(kind.frame(7, honest: true))
        let rate = try #require(try pinned.datapath.trace(of: judgement).steps.last?.rate)
        let isShared = rate.buckets.contains(where: \.isShared)
        #expect(isShared == (kind == .port), "\(kind)")
        #expect(
          (judgement.reason.rawValue == AEGIS_DROP_RATE.rawValue) == (kind == .port), "\(kind)")
      }
    }
  }
}
