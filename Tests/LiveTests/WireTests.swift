import CAegis
import Foundation
import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

extension Kernel {
  /// What the IP layers of a host get to see, by their own counters, under policies that are to keep it out.
  struct WireTests {
    /// To each of two modes under each of three policies.
    private static let frames = 34_000
    private static let seed: UInt64 = 20_261_128

    @Test("without Aegis, Linux takes off any number of tags of VLAN 0")
    func premise() throws {
      let wire = try Wire()
      let before = try wire.counters()
      for count in 0...8 {
        try wire.send([true, false].map { wire.udp(tags: count, isIPv6: $0) })
      }
      let limit = Date(timeIntervalSinceNow: 5)
      while try wire.counters() - before != IPCounters(ipv4: 9, ipv6: 9), Date() < limit {
        Thread.sleep(forTimeInterval: 0.01)
      }
      #expect(try wire.counters() - before == IPCounters(ipv4: 9, ipv6: 9))
      #expect(wire.received() == 18)
    }

    @Test("nothing of a dropped source comes through", arguments: ["native", "generic"])
    func dropped(mode: String) throws {
      let wire = try Wire(mode, under: .allow.drop("0.0.0.0/0").drop("::/0"))
      try wire.check(Self.frames, seed: Self.seed, leastOfEach: 0) { _ in Reason(AEGIS_DROP_HOST) }
      #expect(wire.received() == 0)
    }

    @Test(
      "under deny nothing comes through but what the key names, path MTU discovery and neighbours",
      arguments: ["native", "generic"])
    func denied(mode: String) throws {
      let policy = TestModel.Policy.deny.key("any:7000/udp")
      var model = Model(policy)
      let wire = try Wire(mode, under: policy)
      try wire.check(Self.frames, seed: Self.seed + 1, leastOfEach: 100) { model.judge($0) }
    }

    @Test("no source gets more than its rate", arguments: ["native", "generic"])
    func limited(mode: String) throws {
      let policy = TestModel.Policy.allow.burst(3)
      var model = Model(policy)
      let wire = try Wire(mode, under: policy)
      try wire.check(Self.frames, seed: Self.seed + 2, leastOfEach: 3) { model.judge($0) }
    }
  }
}

/// A silent veth pair to a host that has the addresses that packets of `TestModel` are for.
private final class Wire {
  private let live: Live
  private let lane: VethPair
  private let raw: RawReceiver
  private let host: [UInt8]
  private var sent: UInt64 = 0

  init(_ mode: String? = nil, under policy: TestModel.Policy? = nil) throws {
    live = Live(try Sandbox(ipv6: false))
    lane = try VethPair(live.sandbox, number: 0)
    host = try live.sandbox.becomeTarget()
    raw = try live.sandbox.rawReceiver()
    guard let mode, let policy else { return }
    try live.ok(["load"])
    try live.ok(["attach", lane.interface, "--mode", mode])
    try live.replace(policyBy: Aegis.Policy(policy))
  }

  func counters() throws -> IPCounters { try IPCounters(of: live.sandbox) }

  func received() -> Int { raw.count() }

  func send(_ frames: [Frame]) throws {
    try lane.send(frames)
    sent += UInt64(frames.count)
  }

  /// A datagram that any host would take.
  func udp(tags: Int, isIPv6: Bool) -> Frame {
    let tags = [UInt16](repeating: Frame.vlan, count: tags)
    return isIPv6
      ? Frame(IPv6(.udp(7000)), to: host, tags: tags, vlan: nil)
      : Frame(IPv4(.udp(7000)), to: host, tags: tags, vlan: nil).sealed
  }

  /// Sends hostile frames, and now and then one that keys are for, and compares what comes to IP with what may.
  ///
  /// - Parameters:
  ///   - least: Packets of each family that have to come, for the test not to be blind.
  ///   - judge: What an independent model says of each.
  func check(
    _ count: Int, seed: UInt64, leastOfEach least: Int, _ judge: (Frame) -> Reason
  ) throws {
    var generator = SeededGenerator(seed: seed)
    let start = try counters()
    var most = IPCounters()
    for batch in 0..<count / 200 {
      let frames = (0..<200).map { number in
        number % 100 == 0
          ? udp(tags: number / 100 * 2, isIPv6: batch.isMultiple(of: 2))
          : generator.hostileFrame(to: host)
      }
      for frame in frames where judge(frame).verdict == .pass {
        switch frame.family {
        case 4: most.ipv4 += 1
        case 6: most.ipv6 += 1
        default: break
        }
      }
      try send(frames)
      try live.await(packets: sent)
      let came = try counters() - start
      try #require(
        came.ipv4 <= most.ipv4 && came.ipv6 <= most.ipv6,
        "seed \(seed), batch \(batch): \(came), at the most \(most): \(frames.map(\.bytes.hex))")
    }
    Thread.sleep(forTimeInterval: 0.05)
    let came = try counters() - start
    #expect(came.ipv4 <= most.ipv4 && came.ipv6 <= most.ipv6)
    #expect(came.ipv4 >= least && came.ipv6 >= least, "\(came)")
    print("wire: of \(sent) frames \(came) came to IP, at the most \(most)")
  }
}

extension Frame {
  /// Of the IP packet that it is read as.
  fileprivate var family: Int? {
    guard case .ip(let packet)? = try? Content(of: bytes) else { return nil }
    if case .v4 = packet.peer { return 4 }
    return 6
  }
}
