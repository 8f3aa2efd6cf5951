import BPF
import CAegis
import Foundation

@testable import Aegis
@testable import TestModel

/// The programs that must judge a frame alike.
enum Build: CaseIterable {
  case xdp
  case tc
  /// Behind tc, for what leaves.
  case out
  /// The last version of ABI 4.
  case layout4

  var object: [UInt8] {
    get throws {
      switch self {
      case .xdp: BPFObjects.decode(BPFObjects.aegis)
      case .tc: BPFObjects.decode(BPFObjects.tc)
      case .out: BPFObjects.decode(BPFObjects.out)
      case .layout4: try Array(Data(contentsOf: Self.fixture))
      }
    }
  }

  var program: String {
    switch self {
    case .xdp, .layout4: AEGIS_PROGRAM
    case .tc: "aegis_tc"
    case .out: "aegis_out"
    }
  }

  var direction: Direction { self == .out ? .out : .in }

  /// Whether it is behind tc, where a frame may be cut into packets later, and need not have a header of the link.
  var isBehindTC: Bool { self == .tc || self == .out }

  /// What an answer to the kernel means.
  func verdict(of answer: UInt32) -> Verdict? {
    switch self {
    // XDP_DROP and XDP_PASS
    case .xdp, .layout4: [1: .drop, 2: .pass][answer]
    // TC_ACT_SHOT and TC_ACT_UNSPEC
    case .tc, .out: [2: .drop, .max: .pass][answer]
    }
  }

  /// Whether the kernel runs it on a frame: for tc, on none whose IP header is cut, unless that is behind a tag.
  func takes(_ frame: Frame) -> Bool {
    if self == .layout4 { return !Self.isReadSince(frame) }
    guard isBehindTC else { return true }
    let least = [[8, 0]: 34, [0x86, 0xdd]: 54][Array(frame.bytes[12..<14])]
    return frame.bytes.count >= least ?? Frame.headerLength
  }

  /// Whether it may charge another rate for a frame than the others do: layout 4 takes a port or protocol of 0 for any,
  /// and so asks in another order for the keys that name it.
  func strays(_ frame: Frame, under policy: Policy) -> Bool {
    // Its buckets lack the packets that it does not see.
    if self == .layout4, Self.isReadSince(frame) { return policy.hasLimits }
    // To it, a frame beyond the burst of bytes never conforms.
    if self == .layout4, policy.bytesHeld.contains(where: { $0 < frame.bytes.count }) {
      return true
    }
    // It has no lists.
    if self == .layout4, !policy.lists.isEmpty { return true }
    // It has no classes.
    if self == .layout4, policy.rules.contains(where: { $0.classNumber != nil }) { return true }
    guard self == .layout4, case .ip(let packet)? = try? Content(of: frame.bytes),
      packet.port == 0 || packet.protocolNumber == 0
    else { return false }
    let keys = policy.keys.filter { !$0.isExpired && packet.isNamed(by: $0.key) }
    return Set(keys.map(\.limits)).count > 1
  }

  /// Whether layout 4 sees no IP in a frame that is read today: behind SNAP, or behind tags of before 802.1ad.
  private static func isReadSince(_ frame: Frame) -> Bool {
    var rest = frame.bytes.dropFirst(12)
    while rest.count >= 2 {
      let type = UInt16(rest[rest.startIndex]) << 8 | UInt16(rest[rest.startIndex + 1])
      if type <= 1500 || [0x9100, 0x9200, 0x9300].contains(type) { return true }
      guard [Frame.vlan, Frame.serviceVLAN].contains(type) else { return false }
      rest = rest.dropFirst(4)
    }
    return false
  }

  private static var fixture: URL {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../LiveTests/Fixtures/abi4.bpf.o")
  }
}

/// Counters of packets from interfaces that no slot names.
enum OtherCounters: ~Copyable, Sendable {
  case now(PerCPUMap<aegis_counters>)
  case layout4(PerCPUMap<aegis4_counters>)

  init(_ build: Build, of maps: borrowing some Maps & ~Copyable) throws {
    let name = AEGIS_MAP_counters.name
    let map = try maps.descriptor(ofMap: name)
    switch build {
    case .xdp, .tc, .out: self = .now(try PerCPUMap(map, name: name))
    case .layout4: self = .layout4(try PerCPUMap(map, name: name))
    }
  }

  /// Of each CPU, with today's numbers of reasons.
  func values() throws -> [aegis_counters] {
    switch self {
    case .now(let map): try map.values(at: AEGIS_BLOCK_OTHER)
    case .layout4(let map): try map.values(at: AEGIS_SLOTS).map(aegis_counters.init)
    }
  }
}

extension aegis_counters {
  /// Numbers that layout 4 gave to no reason are left out.
  fileprivate init(_ past: aegis4_counters) {
    self.init()
    let firstDrop = Int(AEGIS_DROP_HOST.rawValue)
    let (passes, drops) = (Int(AEGIS4_PASS_REASONS), Int(AEGIS4_FIRST_DROP))
    withUnsafeMutableBytes(of: &reason) { now in
      withUnsafeBytes(of: past.reason) { past in
        now.copyMemory(from: .init(rebasing: past.prefix(passes * Self.stride)))
        UnsafeMutableRawBufferPointer(rebasing: now[(firstDrop * Self.stride)...])
          .copyMemory(from: .init(rebasing: past[(drops * Self.stride)...]))
      }
    }
    withUnsafeMutableBytes(of: &would_drop) { now in
      withUnsafeBytes(of: past.would_drop) { past in
        UnsafeMutableRawBufferPointer(rebasing: now[(firstDrop * Self.stride)...])
          .copyMemory(from: past)
      }
    }
    shared = past.shared
    contended = past.contended
  }

  private static let stride = MemoryLayout<aegis_counter>.stride
}
