import BPF
import CAegis
import CHost
import Glibc
import Linux

@testable import Aegis
@testable import TestModel

/// The datapath as a library, on the maps that a program in the kernel has, but with buckets and counters of its own.
final class HostJudge {
  /// Which of the library's two builds runs.
  enum Build: CaseIterable {
    /// What is attached.
    case filter
    /// What is only asked.
    case trace
  }

  /// Maps in the kernel, which the library looks into.
  private final class Maps {
    private final class Opened {
      let map: AnyBPFMap

      init(_ map: aegis_map, _ maps: borrowing BPFObject) throws {
        self.map = AnyBPFMap(try maps.mapDescriptor(map.name), named: map.name)
      }
    }

    private var opened: [aegis_map: Opened] = [:]

    init(of object: borrowing BPFObject) throws {
      for map in aegis_map.all { opened[map] = try Opened(map, object) }
    }

    func lookUp(
      _ key: UnsafeRawPointer, in map: aegis_map, into value: UnsafeMutableRawPointer
    ) -> Int32 {
      guard let opened = opened[map] else { return -EINVAL }
      return ((try? opened.map.lookUp(key, into: value)) ?? false) ? 0 : -ENOENT
    }
  }

  private let build: Build
  private let listening: Set<UInt16>
  private let maps: Maps
  private let drops: DropMaps
  private let lines: UInt32
  private var host: OpaquePointer?
  /// That decided on the frame that was tried last, or only counted it.
  private(set) var list: Int?

  /// - Parameter listening: Ports of this host that connections can be opened to, which the library is told of.
  init(
    _ build: Build, of object: borrowing BPFObject, _ drops: DropMaps, lines: UInt32,
    listening: Set<UInt16>
  ) throws {
    self.drops = drops
    self.build = build
    self.listening = listening
    self.lines = lines
    maps = try Maps(of: object)
  }

  deinit { aegis_host_free(host) }

  /// Forgets debts, counters and what it has read of a policy.
  func reset() {
    aegis_host_free(host)
    host = aegis_host_make(
      { context, map, key, value in
        Unmanaged<Maps>.fromOpaque(context!).takeUnretainedValue().lookUp(
          key!, in: map, into: value!)
      }, Unmanaged.passUnretained(maps).toOpaque())
    aegis_host_begin_anew(host, AEGIS_MAP_cells, lines)
    aegis_host_begin_anew(host, AEGIS_MAP_counters, AEGIS_BLOCKS)
    aegis_host_begin_anew(host, AEGIS_MAP_interfaces, AEGIS_SLOTS)
    aegis_host_begin_anew(host, AEGIS_MAP_class_counters, AEGIS_CLASSES)
    aegis_host_begin_anew(host, AEGIS_MAP_list_counters, AEGIS_LISTS)
    for (index, nodes) in CountryTables.nodes {
      aegis_host_put_inner(host, AEGIS_MAP_geo, index, nodes)
    }
    guard case .tables(let tables) = drops else { return }
    for (index, nodes) in tables.nodes.enumerated() {
      aegis_host_put_inner(host, AEGIS_MAP_drop, UInt32(index), nodes)
    }
  }

  /// What becomes of a frame.
  func run(_ buffer: Buffer) throws -> LoadedDatapath.Outcome {
    let isOut = buffer.direction == .out
    return try buffer.frame.bytes.withUnsafeBufferPointer { bytes in
      var given = aegis_host_frame()
      given.bytes = bytes.baseAddress
      given.length = UInt32(bytes.count)
      given.linear = given.length
      given.packets = UInt32(buffer.packets)
      given.protocol = (buffer.bareType ?? 0).bigEndian
      given.leaves = isOut ? 1 : 0
      given.socket = UInt8(
        (buffer.isAnswer(of: listening) ? AEGIS_SOCKET_ESTABLISHED : AEGIS_SOCKET_NONE).rawValue)
      given.sent = isOut ? UInt32(buffer.sentBytes) : 0
      return build == .trace ? try tried(&given) : try filtered(&given)
    }
  }

  private func tried(_ frame: inout aegis_host_frame) throws -> LoadedDatapath.Outcome {
    var trace = aegis_trace()
    trace.now = Clock.monotonic()
    trace.boot = Clock.boottime()
    trace.charges = 1
    let reason = aegis_host_judge(host, &frame, 0, &trace)
    guard reason >= 0 else { throw SystemError(operation: "try", subject: "host", errno: -reason) }
    // It counts nothing.
    var outcome = LoadedDatapath.Outcome(packets: 0, bytes: 0)
    outcome.reason = Reason(rawValue: trace.reason)
    outcome.verdict = Verdict(action: trace.action)
    outcome.wouldDrop = trace.would_drop == 0 ? nil : Reason(rawValue: trace.would_drop)
    list = (Found(trace.drop) ?? Found(trace.drop_monitored)).map { Int($0.list) }
    return outcome
  }

  private func filtered(_ frame: inout aegis_host_frame) throws -> LoadedDatapath.Outcome {
    let before = totals()
    var moment = aegis_host_moment()
    moment.monotonic = Clock.monotonic()
    moment.boottime = Clock.boottime()
    var action: UInt32 = 0
    let reason = aegis_host_filter(host, &frame, &moment, &action)
    guard reason >= 0 else {
      throw SystemError(operation: "filter", subject: "host", errno: -reason)
    }
    let after = totals()
    return LoadedDatapath.Outcome(from: before, to: after, verdict: Verdict(action: action))
  }

  /// What each list was counted for, by number.
  func listCounts() -> [aegis_list_counters] {
    (0..<AEGIS_LISTS).map { number in
      var number = number
      let value = aegis_host_value(host, AEGIS_MAP_list_counters, &number)
      return value?.load(as: aegis_list_counters.self) ?? aegis_list_counters()
    }
  }

  private func totals() -> Totals {
    var block = AEGIS_BLOCK_OTHER
    let value = aegis_host_value(host, AEGIS_MAP_counters, &block)
    return Totals([value?.load(as: aegis_counters.self) ?? aegis_counters()])
  }
}
