@testable import aegisctl

struct Entry: Encodable {
  var prefix: String
  var packets: UInt64
  var note: String?
  var ports: [Int] = []

  static let samples = [
    Entry(prefix: "192.0.2.0/24", packets: 12, note: "scanner: ticket 4711", ports: [22, 443]),
    Entry(prefix: "2001:db8::1", packets: 1_000_000),
  ]
}

struct EntryReport: Report {
  var entries = Entry.samples

  struct Object: Encodable {
    let apiVersion = APIVersion.current
    let kind = "DropList"
    let items: [Entry]
  }

  var object: Object { Object(items: entries) }

  func table(wide: Bool) -> Table {
    Table(
      ["Prefix", .right("Packets")] + (wide ? ["Note"] : []),
      rows: entries.map { entry in
        [entry.prefix, String(entry.packets)] + (wide ? [entry.note ?? ""] : [])
      })
  }

  var names: [String] { entries.map(\.prefix) }
}
