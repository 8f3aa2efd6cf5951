/// What `dump -o json` prints, as far as it concerns lists.
struct Dump: Decodable {
  let drops: [Lenient<DumpEntry>]?
  let keys: [Lenient<DumpEntry>]?
}

struct DumpEntry: Decodable {
  let name: String
  let remainingMilliseconds: UInt64?
  let note: String?
  let protected: Bool?
  let rate: String?
  let burst: UInt32?
}

extension Prefix {
  static var dumped: (name: String, entries: KeyPath<Dump, [Lenient<DumpEntry>]?>) {
    ("drops", \.drops)
  }
}

extension AllowKey {
  static var dumped: (name: String, entries: KeyPath<Dump, [Lenient<DumpEntry>]?>) {
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
    for (index, entry) in entries.enumerated() {
      do throws(InputError) {
        guard let entry = entry.value else {
          throw InputError("\(name)[\(index)]", "is not an entry with a name")
        }
        var notes: [InputNote] = []
        let element = try Element(listed: entry.name[...], noting: &notes)
        contents.append(element, line: index + 1, try terms(of: entry))
        contents.note(.element(name, index), notes)
      } catch {
        contents.refuse(.element(name, index), error)
      }
    }
  }

  private static func terms(of entry: DumpEntry) throws(InputError) -> ListTerms {
    var terms = ListTerms()
    if let remaining = entry.remainingMilliseconds {
      // What ends within this millisecond still ends.
      terms.lifetime = try ListLife.milliseconds((max(remaining, 1), false), of: entry.name)
    }
    terms.note = try entry.note.map { text throws(InputError) in try Note(text) }
    terms.isProtected = entry.protected ?? false
    terms.rate = try entry.rate.map { text throws(InputError) in
      try Rate(text, burst: entry.burst)
    }
    return terms
  }
}
