/// One entry per line, with comments and sometimes more columns.
enum PlainList {
  static func read<Element: ListElement>(
    _ bytes: borrowing Span<UInt8>, from start: Int, as format: ListFormat, _ options: ListOptions
  ) -> ListContents<Element> {
    var contents = ListContents<Element>(bounds: options.boundsInForce)
    contents.entries.reserveCapacity(bytes.lines)
    var position = start
    var line = 0
    while position < bytes.count {
      line += 1
      let begin = position
      if format != .dshield, let element = Element.quick(bytes, at: &position) {
        if element.listedSource.map(contents.bounds.allow) ?? true {
          contents.entries.append(ListEntry(element, line: line, terms: 0))
          continue
        }
        position = begin
      }
      do throws(InputError) {
        try read(ListLine.next(bytes, at: &position), line, as: format, options, into: &contents)
      } catch {
        contents.refuse(.line(line), error)
      }
    }
    return contents
  }

  private static func read<Element: ListElement>(
    _ text: String, _ line: Int, as format: ListFormat, _ options: ListOptions,
    into contents: inout ListContents<Element>
  ) throws(InputError) {
    guard let entry = ListLine.entry(text) else { return }
    let columns = ListColumns(entry)
    let written = ListLine.trimmed(text)
    guard let first = columns.all.first, first.utf8.first != UInt8(ascii: "/") else {
      throw InputError(written, "does not begin with an entry")
    }
    if format == .dshield {
      guard let range = try columns.dshieldRange(of: written) else { return }
      return try contents.take(.line(line)) { _ in range.map(Element.init(source:)) }
    }
    var terms = ListTerms()
    if format == .spamhaus { terms.note = ListLine.comment(text).flatMap(Note.init(clipping:)) }
    try contents.take(.line(line), terms) { notes throws(InputError) in
      let elements: [Element]
      do throws(InputError) {
        elements = try ListColumns.elements(first, options, noting: &notes)
      } catch {
        // For a line of several words, the error shows the whole line.
        throw columns.all.count > 1
          ? InputError(written, "does not begin with an entry: \(error.clause)", hint: error.hint)
          : error
      }
      if format == .plain { try columns.checkSecond(of: written) }
      return elements
    }
    if columns.all.count > 1 { contents.ignoredColumns += 1 }
  }
}

extension Span<UInt8> {
  /// An upper bound for the number of lines.
  var lines: Int {
    // Sixteen at a time, which bounds checks would prevent.
    withUnsafeBufferPointer { bytes in
      bytes.reduce(1) { count, byte in count + (byte == ListLine.end ? 1 : 0) }
    }
  }
}
