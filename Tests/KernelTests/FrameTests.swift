import Aegis
import CAegis
import Testing

@testable import TestModel

extension DatapathTests {
  /// Well-formed frames of every kind under policies of every kind.
  @Suite struct FrameTests {
    @Test(
      arguments: LinkCases.tags + LinkCases.snap + LinkCases.tooManyTags + LinkCases.others
        + LinkCases.control)
    func link(_ test: FrameCase) throws { try test.check() }

    @Test("what got past once", arguments: PastCases.all)
    func past(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: IPv4Cases.headers + IPv4Cases.tooBig + IPv4Cases.fragments)
    func ipv4(_ test: FrameCase) throws { try test.check() }

    @Test(
      arguments: IPv6Cases.headers + IPv6Cases.extensions + IPv6Cases.fragments
        + IPv6Cases.sources)
    func ipv6(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: NeighbourCases.discovery + NeighbourCases.queries)
    func neighbours(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: DropCases.v4 + DropCases.v6 + DropCases.precedence)
    func drops(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: KeyCases.shapes + KeyCases.nested)
    func keys(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: RateCases.all)
    func rates(_ test: FrameCase) throws { try test.check() }

    @Test(arguments: MonitorCases.all)
    func monitoring(_ test: FrameCase) throws { try test.check() }

    /// Beyond a page the kernel gives the program a buffer in several pieces.
    @Test(arguments: [14, 60, 1514, 3000, 4096, 5000, 9014, 16000])
    func wholeFramesAreCounted(length: Int) throws {
      let frame =
        length == Frame.headerLength
        ? Frame(0x88b5, []) : Frame(IPv4(.udp(53, payload: length - 42)))
      try #require(frame.bytes.count == length)
      let reason = length == Frame.headerLength ? AEGIS_PASS_NOT_IP : AEGIS_PASS_DEFAULT
      try FrameCase("\(length) bytes", frame, .allow, .pass, reason).check()
    }

    /// Drivers split frames where they like.
    @Test(
      "a frame whose first piece is short is counted whole",
      .enabled(if: SplitCase.isPossible, "needs Linux 6.18"),
      arguments: SplitCase.all)
    func splitFramesAreCounted(_ split: SplitCase) throws {
      let datapath = try LoadedDatapath.shared
      try datapath.apply(split.policy)
      for linear in [14, 20, 34, 42, 59, 60, 64, 65, 74, 128, 256, 1000, 1514, 1522, 1523, 3000] {
        // A piece as long as a frame that is padded is taken for one, unless its header tells of more.
        let isTold = split.end == nil && split.headers >= 42
        guard linear < split.frame.bytes.count, linear != split.end,
          isTold || !(60...64 ~= linear)
        else { continue }
        let outcome = try datapath.run(split.frame, linear: linear)
        #expect(outcome.bytes == UInt64(split.frame.bytes.count), "\(linear): \(outcome)")
        if linear >= split.headers { #expect(outcome.reason == split.reason, "\(linear)") }
      }
    }

    @Test("packets that are longer than their headers can tell", arguments: BigCases.all)
    func big(_ test: FrameCase) throws { try test.check() }

    @Test func everyReasonIsReached() {
      let tables = [
        LinkCases.tags, LinkCases.snap, LinkCases.tooManyTags, LinkCases.others, LinkCases.control,
        IPv4Cases.headers, IPv4Cases.tooBig, IPv4Cases.fragments, IPv6Cases.extensions,
        NeighbourCases.discovery, DropCases.v4, DropCases.precedence, KeyCases.shapes,
        RateCases.all, MonitorCases.all,
      ]
      #expect(Set(tables.joined().map(\.reason)) == Reason.ofIngress)
    }
  }
}
