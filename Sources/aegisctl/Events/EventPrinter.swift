import Aegis
import ArgumentParser

/// How events are printed.
enum EventFormat: String, CaseIterable, ExpressibleByArgument {
  case table, wide, json, name
}

/// Formats events for standard output.
struct EventPrinter {
  private let format: EventFormat
  private var table: EventTable
  private var peers: Set<IPAddress> = []

  /// The number of peers to remember; beyond it, one may be named again.
  private static let mostPeers = 100_000

  /// - Parameter interfaces: The names to leave room for.
  init(_ format: EventFormat, interfaces: [String], isColourful: Bool) {
    self.format = format
    table = EventTable(
      wide: format == .wide, interfaces: interfaces, isColourful: isColourful)
  }

  /// The text before all events.
  var header: String {
    switch format {
    case .table, .wide: table.header
    case .json, .name: ""
    }
  }

  /// The events as whole lines.
  mutating func text(_ events: [Event]) throws -> String {
    switch format {
    case .table, .wide: return events.map { table.line($0) }.joined()
    case .json: return try events.map { try JSONText.compact(EventObject($0)) + "\n" }.joined()
    case .name: return events.compactMap { newPeer($0).map { "\($0)\n" } }.joined()
    }
  }

  /// The text after all events.
  func footer(_ summary: EventSummary) throws -> String {
    switch format {
    case .table, .wide, .name: ""
    case .json: try JSONText.compact(summary.object) + "\n"
    }
  }

  private mutating func newPeer(_ event: Event) -> IPAddress? {
    guard let peer = event.peer else { return nil }
    if peers.count >= Self.mostPeers { peers.removeAll() }
    return peers.insert(peer).inserted ? peer : nil
  }
}
