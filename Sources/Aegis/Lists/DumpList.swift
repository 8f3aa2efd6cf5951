/// The parts of the output of `dump -o json` that concern lists.
struct Dump: Decodable {
  let drops: [Lenient<EntryRecord>]?
  let keys: [Lenient<EntryRecord>]?
}

extension Prefix {
  static func terms(
    of record: EntryRecord, at clock: ClockReading
  ) throws(InputError) -> ListTerms? { try record.dropTerms(at: clock) }

  static var dumped: (name: String, entries: KeyPath<Dump, [Lenient<EntryRecord>]?>) {
    ("drops", \.drops)
  }
}

extension AllowKey {
  static func terms(
    of record: EntryRecord, at clock: ClockReading
  ) throws(InputError) -> ListTerms? { try record.keyTerms(at: clock) }

  static var dumped: (name: String, entries: KeyPath<Dump, [Lenient<EntryRecord>]?>) {
    ("keys", \.keys)
  }
}

enum DumpList {
  static func read<Element: ListElement>(
    _ dump: Dump, into contents: inout ListContents<Element>
  ) throws(InputError) {
    let (name, path) = Element.dumped
    guard let entries = dump[keyPath: path] else {
      throw InputError("Dump", "has no \(name)", hint: "aegisctl dump \(name) -o json")
    }
    contents.entries.reserveCapacity(entries.count)
    let clock = ClockReading.now()
    for (index, entry) in entries.enumerated() {
      do throws(InputError) {
        guard let entry = entry.value else {
          throw InputError("\(name)[\(index)]", "is not an entry: it has no source or key")
        }
        if let terms = try Element.terms(of: entry, at: clock) {
          try contents.take(.element(name, index), terms) { notes throws(InputError) in
            [try Element(listed: entry.name[...], noting: &notes)]
          }
        } else {
          contents.note(.element(name, index), [InputNote(entry.name, "has expired: skipped")])
        }
      } catch {
        contents.refuse(.element(name, index), error)
      }
    }
  }
}
