import Aegis

/// Events as lines of text.
struct EventTable {
  private let isWide: Bool
  private let isColourful: Bool
  private var table: StreamTable
  private static let reasonColumn = 3

  /// - Parameter interfaces: The names to leave room for.
  init(wide: Bool, interfaces: [String], isColourful: Bool) {
    isWide = wide
    self.isColourful = isColourful
    let name = interfaces.map { $0.printable().displayWidth }.max() ?? 0
    let first: [(Table.Column, Int)] = [
      ("time (utc)", wide ? 27 : 12), ("iface", name), ("dir", 3), ("reason", wide ? 22 : 15),
      ("rule", 18), (.right("bytes"), 5),
    ]
    let wideOnly: [(Table.Column, Int)] = [
      ("list", 10), ("vlan", 4), ("source mac", 17), ("class", 10),
    ]
    let last: [(Table.Column, Int)] = [("source", wide ? 24 : 19), ("destination", wide ? 28 : 0)]
    table = StreamTable(first + (wide ? wideOnly : []) + last + (wide ? [("meaning", 0)] : []))
  }

  var header: String { table.header }

  mutating func line(_ event: Event) -> String {
    let time = event.timeText(digits: isWide ? 6 : 3)
    let first = [
      isWide ? time : String(time.dropFirst(11).dropLast()), event.interface,
      event.direction.rawValue, event.reasonText, event.rule ?? "-", "\(event.length)",
    ]
    let vlans = event.link?.vlans ?? []
    let wideOnly = [
      event.list?.text ?? "-", vlans.isEmpty ? "-" : vlans.map(String.init).joined(separator: "."),
      event.link.map { "\($0.source)" } ?? "-", event.className?.text ?? "-",
    ]
    let last = [event.sourceText, event.destinationText]
    let cells = first + (isWide ? wideOnly : []) + last + (isWide ? [event.meaning] : [])
    let colour = colour(event)
    return table.line(cells) { $0 == Self.reasonColumn ? colour : nil }
  }

  /// Red for dropped packets, yellow for packets that would be dropped.
  private func colour(_ event: Event) -> (String, String)? {
    guard isColourful else { return nil }
    if event.isOnlyMonitored { return ("\u{1b}[33m", "\u{1b}[0m") }
    return (event.reason.verdict == .drop ? "\u{1b}[31m" : "\u{1b}[32m", "\u{1b}[0m")
  }
}
