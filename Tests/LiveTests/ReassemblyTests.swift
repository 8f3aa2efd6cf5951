import Aegis
import TestSupport
import Testing

@testable import TestModel

extension Kernel {
  /// The memory in which the kernel puts packets together is everybody's: 4 MiB, for 30 s and 60 s.
  struct ReassemblyTests {
    private static let count: UInt32 = 5000

    @Test("under deny, spoofed fragments of no kind stop those of a peer with a key without a port")
    func spoofed() throws {
      let live = try Live.attached(ipv6: true)
      let sandbox = live.sandbox
      let target = try sandbox.becomeTarget()
      // Keys with ports let in no part of what they would let in whole.
      try live.ok(["allow-key", "any:7000/udp", sandbox.peer.v4, sandbox.peer.v6])
      try live.ok(["allow-key", "any:22/tcp", "any:7000", "--protect"])
      try live.ok(["set-default", "deny"])
      let receiver = try sandbox.receiver(port: 7000)
      #expect(try arrived(sandbox, receiver) == 6)

      let before = try IPCounters(of: sandbox)
      for kind in Self.kinds {
        let frames = (0..<Self.count).map { Frame.fragment(kind, number: $0, to: target) }
        try sandbox.send(frames: frames.map(\.bytes))
      }
      let came = try IPCounters(of: sandbox) - before
      #expect(came.fragments == 0)
      #expect(try arrived(sandbox, receiver) == 6)
      let stats = try live.stats()
      #expect(stats["pass.packet-too-big"] == 0)
      // The peer's kernel may have said something of its own meanwhile.
      #expect(0..<100 ~= stats["drop.default"] - 6 * Int(Self.count))
      #expect(stats["drop.fragment"] == 4 * Int(Self.count))
    }

    /// Under allow nothing keeps them out: so the test above tests something.
    @Test("under allow they do") func underAllow() throws {
      let live = try Live.attached(ipv6: true)
      let target = try live.sandbox.becomeTarget()
      let receiver = try live.sandbox.receiver(port: 7000)
      let before = try IPCounters(of: live.sandbox)
      for isIPv6 in [false, true] {
        let kind = Kind(isIPv6: isIPv6, transport: .udp(7000, length: 3000, payload: 1200), .first)
        let frames = (0..<Self.count).map { Frame.fragment(kind, number: $0, to: target) }
        try live.sandbox.send(frames: frames.map(\.bytes))
      }
      #expect(try IPCounters(of: live.sandbox) - before != IPCounters())
      #expect(try arrived(live.sandbox, receiver) < 6)
    }

    /// How many of six datagrams in three fragments each.
    private func arrived(_ sandbox: TestSupport.Sandbox, _ receiver: Receiver) throws -> Int {
      try sandbox.send(port: 7000, count: 3, size: 3000)
      try sandbox.send(from: sandbox.peer.v6, port: 7000, count: 3, size: 3000)
      return receiver.take(expecting: 6, quiet: 0.5).count { $0.size == 3000 }
    }

    private static let kinds: [Kind] = [
      Kind(isIPv6: false, transport: .icmp(3, 4, payload: 1200), .first),
      Kind(isIPv6: false, transport: .udp(7000, length: 3000, payload: 1200), .first),
      Kind(isIPv6: false, transport: .tcp(22, payload: 1180), .first),
      Kind(isIPv6: false, transport: .udp(7000, length: 3000, payload: 1200), .middle),
      Kind(isIPv6: false, transport: .udp(7000, length: 3000, payload: 1200), .last),
      Kind(isIPv6: true, transport: .icmpv6(2, payload: 1200), .first),
      Kind(isIPv6: true, transport: .udp(7000, length: 3000, payload: 1200), .first),
      Kind(isIPv6: true, transport: .tcp(22, payload: 1180), .first),
      Kind(isIPv6: true, transport: .udp(7000, length: 3000, payload: 1200), .middle),
      Kind(isIPv6: true, transport: .udp(7000, length: 3000, payload: 1200), .last),
    ]
  }
}

/// A kind of fragments.
private struct Kind {
  enum Part { case first, middle, last }

  let isIPv6: Bool
  let transport: TestModel.Transport
  let part: Part

  init(isIPv6: Bool, transport: TestModel.Transport, _ part: Part) {
    self.isIPv6 = isIPv6
    self.transport = transport
    self.part = part
  }
}

extension Frame {
  /// Each of a packet of its own, from a source of its own.
  fileprivate static func fragment(_ kind: Kind, number: UInt32, to target: [UInt8]) -> Frame {
    let offset: UInt16 = kind.part == .first ? 0 : 151
    let hasMore = kind.part != .last
    if kind.isIPv6 {
      let source = IPAddress.v6(0x2001_0db8_0bad << 80 | UInt128(number))
      return Frame(
        IPv6(kind.transport, from: source) {
          $0.extensions = [.fragment(offset, more: hasMore)]
        }, to: target)
    }
    return Frame(
      IPv4(kind.transport, from: .v4(0xcb00_0000 + number)) {
        $0.fragmentOffset = offset
        $0.hasMoreFragments = hasMore
      }, to: target
    ).sealed
  }
}
