import BPF
import CAegis
import Foundation
import TestSupport
import Testing

@testable import Aegis

/// `aegisctl events` at work.
final class EventReading {
  private let live: Live
  private let running: RunningCommand

  /// Returns once it is told.
  init(_ live: Live, _ options: [String] = [], format: String = "json") throws {
    self.live = live
    running = try live.aegis.command(
      ["events", "-o", format] + options, namespace: live.sandbox.host.namespace
    ).start()
    try live.wait(untilEventsAreRead: true)
  }

  func signal(_ number: Int32) { running.signal(number) }

  /// Waits for its end.
  func outcome() throws -> Outcome { try running.wait(timeout: 30) }

  /// Ends it as Ctrl-C does, after it has looked once more.
  func end() throws -> Events {
    Thread.sleep(forTimeInterval: 0.15)
    signal(SIGINT)
    let outcome = try outcome()
    #expect(outcome.status == 0, "\(outcome)")
    return try Events(outcome)
  }
}

/// What it printed, as JSON.
struct Events {
  let all: [JSON]
  let summary: JSON
  let error: String

  init(_ outcome: Outcome) throws {
    let lines = try outcome.output.split(separator: "\n").map { try JSON(parsing: String($0)) }
    all = lines.filter { $0["kind"].string == "Event" }
    let last = lines.first { $0["kind"].string == "EventSummary" }
    summary = try last ?? JSON(parsing: "null")
    error = outcome.error
  }

  var reasons: [String?] { all.map { $0["reason"].string } }

  subscript(count: String) -> Int { summary[count].int ?? -1 }

  /// Whether every packet that matched became something.
  var isAccountedFor: Bool {
    self["matched"] == self["told"] + self["lost"] + self["heldBackByRate"]
      + self["heldBackBySample"]
  }
}

extension Live {
  var eventsAreRead: Bool {
    get throws { try eventsAreRead(.in) }
  }

  func eventsAreRead(_ direction: Direction) throws -> Bool {
    let maps = PinRoot.maps(of: direction, in: PinRoot(aegis.root).current)
    let map = try BPFMap<UInt32, aegis_config>(pinnedAt: maps + "/config")
    return (try map.value(forKey: 0)?.stages ?? 0) & AEGIS_STAGE_EVENTS.rawValue != 0
  }

  func wait(untilEventsAreRead isWanted: Bool) throws {
    for _ in 0..<500 {
      let areRead = try Direction.allCases.map { try eventsAreRead($0) }
      if areRead.allSatisfy({ $0 == isWanted }) { return }
      Thread.sleep(forTimeInterval: 0.02)
    }
    throw SupportError("events are \(isWanted ? "not " : "")read")
  }
}
