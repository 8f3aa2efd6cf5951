/// One element a line, with comments.
enum PlainList {
  static func read<Element: ListElement>(
    _ bytes: borrowing Span<UInt8>, from start: Int
  ) -> ListContents<Element> {
    var contents = ListContents<Element>()
    contents.entries.reserveCapacity(bytes.lines)
    var position = start
    var line = 0
    while position < bytes.count {
      line += 1
      if let element = Element.quick(bytes, at: &position) {
        contents.entries.append(ListEntry(element, line: line, terms: 0))
        continue
      }
      do throws(InputError) {
        let text = try ListLine.next(bytes, at: &position)
        guard let entry = ListLine.entry(text) else { continue }
        var notes: [InputNote] = []
        contents.append(try Element(listed: entry, noting: &notes), line: line)
        contents.note(.line(line), notes)
      } catch {
        contents.refuse(.line(line), error)
      }
    }
    return contents
  }
}

extension Span<UInt8> {
  /// At most as many as there are.
  var lines: Int {
    var count = 1
    for index in indices where self[index] == ListLine.end { count += 1 }
    return count
  }
}
