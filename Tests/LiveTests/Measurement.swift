import Aegis
import BPF
import CAegis
import Foundation
import Linux
import TestSupport
import Testing

/// A call of `latency` that measures, and what can be seen of it from outside.
final class Measurement {
  let live: Live
  let call: RunningCommand
  /// Of the program in force when it began.
  let program: UInt32

  /// Returns once the interface runs another program than the one in force, and all that is counted is measured.
  init(
    _ live: Live, for duration: String = "30s", on names: [String] = [], extra: [String] = [],
    at location: SourceLocation = #_sourceLocation
  ) throws {
    self.live = live
    program = try Self.inForce(live)
    call = try live.aegis.command(
      ["latency", "--for", duration, "-o", "json"] + names + extra,
      namespace: live.sandbox.host.namespace
    ).start()
    do {
      try LatencyCase.wait { try Self.running(live) != program }
    } catch {
      call.signal(SIGKILL)
      throw SupportError("it never began: \(try call.wait())")
    }
    // Until it lets go of it, it is only about to begin.
    _ = try FileSystem.lock(live.aegis.root, timeout: .seconds(20))
  }

  /// The number of the program that is pinned.
  static func inForce(_ live: Live) throws -> UInt32 {
    try BPFProgram(pinnedAt: live.aegis.root + "/current/" + AEGIS_PROGRAM).info().id
  }

  /// The number of the program under the interface's link.
  static func running(_ live: Live) throws -> UInt32 {
    try BPFLink(pinnedAt: "\(live.aegis.root)/links/\(live.sandbox.ifindex)").info().programID
  }

  var isTimed: Bool { get throws { try Self.running(live) != Self.inForce(live) } }

  /// Ends it early, as Ctrl-C does, and returns what it printed.
  func end(at location: SourceLocation = #_sourceLocation) throws -> JSON {
    call.signal(SIGINT)
    let outcome = try call.wait()
    #expect(outcome.status == 0, "\(outcome)", sourceLocation: location)
    #expect(outcome.error == "", sourceLocation: location)
    return try outcome.json
  }

  /// Packets that a timed program has measured on all CPUs.
  static func measured(by program: UInt32) throws -> UInt64 {
    let maps = try BPFProgram.open(id: program)?.info().mapIDs ?? []
    for id in maps {
      guard let map = try AnyBPFMap.open(id: id), try map.info().name == "timing" else { continue }
      let timing = try PerCPUMap<aegis_latency>(map.descriptor.duplicate(), name: "timing")
      return try (0..<2).reduce(0) { sum, verdict in
        try sum + timing.values(at: verdict).reduce(0) { $0 + $1.packets }
      }
    }
    throw SupportError("program \(program) measures nothing")
  }

  /// That nothing of a measurement is left, and packets are judged as ever.
  static func isOver(_ live: Live, at location: SourceLocation = #_sourceLocation) throws {
    #expect(try running(live) == inForce(live), sourceLocation: location)
    let names = try live.names().filter { !$0.hasPrefix("gen") && $0 != "previous" }
    #expect(names.filter { $0 != "drop" } == ["current", "links"], sourceLocation: location)
    #expect(try live.arrives(), sourceLocation: location)
    #expect(try !live.arrives(from: LatencyCase.dropped), sourceLocation: location)
  }
}

enum LatencyCase {
  static let dropped = "192.0.2.9"

  /// Attached, with one source dropped, and ARP done.
  static func prepared() throws -> Live {
    let live = try Live.attached(load: ["--max-drops", "1000", "--max-sources", "6000"])
    try live.ok(["drop-ip", dropped])
    #expect(try live.arrives())
    return live
  }

  static func wait(until isDone: () throws -> Bool) throws {
    let start = Date()
    while try !isDone() {
      if Date().timeIntervalSince(start) > 20 { throw SupportError("it takes too long") }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  /// Packets that an object of `latency -o json` is about.
  static func packets(_ item: JSON) -> Int { item["packets"].int ?? -1 }

  static func sum(_ item: JSON) -> Int {
    item["buckets"].array.reduce(0) { $0 + ($1["packets"].int ?? 0) }
  }
}
