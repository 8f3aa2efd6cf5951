import Aegis
import CAegis
import Linux
import Testing

@testable import TestModel

extension DatapathTests {
  /// Truncated and lying frames, which not even a protected key lets in.
  @Suite struct MalformedFrameTests {
    @Test(arguments: CutCases.frames) func cutFrames(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: CutCases.transports + CutCases.tinyFragments + CutCases.least)
    func cutTransports(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: CutCases.extensions + LyingCases.extensions + LyingCases.chains)
    func extensions(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: LyingCases.ipv4) func ipv4(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: LyingCases.ipv6) func ipv6(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: LyingCases.transport)
    func transport(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: [Policy.allow, .deny, .deny.key("any"), .allow.burst(1)])
    func underEveryPolicy(_ policy: Policy) throws {
      let policy = policy.drop("192.0.2.1").drop("192.0.2.0/24")
      let frame = Frame(IPv4(.tcp()) { $0.words = 4 })
      try FrameCase("IHL 4", frame, policy, .drop, AEGIS_DROP_MALFORMED).check()
    }

    @Test(arguments: 0..<28) func arpIsNotRead(length: Int) throws {
      try FrameCase("ARP", .arp(length: length), .deny, .pass, AEGIS_PASS_ARP).check()
    }

    /// The program reads headers in the first piece, where drivers put them. The model knows none.
    @Test func headersBeyondTheFirstPiece() throws {
      let frame = Frame(IPv6(.tcp()) { $0.extensions = [.destination(255), .destination(255)] })
      let datapath = try LoadedDatapath.shared
      try datapath.apply(.allow)
      let outcome = try datapath.run(frame)
      #expect(outcome.reason == Reason(AEGIS_DROP_MALFORMED))
      #expect(outcome.bytes == UInt64(frame.bytes.count))
    }

    /// Why no case is shorter.
    @Test(arguments: [0, 1, 13]) func kernelRefusesLessThanEthernet(length: Int) throws {
      let frame = Frame(IPv4(.tcp())).truncated(to: length)
      #expect(throws: SystemError.self) { _ = try LoadedDatapath.shared.run(frame) }
    }
  }
}
