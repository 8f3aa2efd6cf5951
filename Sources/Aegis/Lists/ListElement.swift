/// The elements of lists: sources to drop, or allow keys.
protocol ListElement: Hashable, Sendable {
  /// Reads an element as an operator writes it.
  init(listed text: Substring, noting notes: inout [InputNote]) throws(InputError)

  init(source: Prefix)

  /// The source; nil means any.
  var listedSource: Prefix? { get }

  /// Reads a line that holds one element and nothing else, and moves `position` past its end.
  ///
  /// - Returns: nil for any other line, which the caller must parse in full from its beginning.
  static func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> Self?

  /// What an entry of a dump states besides its name; nil if it has expired.
  static func terms(
    of record: EntryRecord, at clock: ClockReading
  ) throws(InputError) -> ListTerms?

  /// The name of the entries in a dump, and the entries.
  static var dumped: (name: String, entries: KeyPath<Dump, [Lenient<EntryRecord>]?>) { get }
}

extension Prefix: ListElement {
  init(listed text: Substring, noting notes: inout [InputNote]) throws(InputError) {
    try self.init(parsing: text, noting: &notes)
  }

  init(source: Prefix) { self = source }

  var listedSource: Prefix? { self }
}

extension AllowKey: ListElement {
  init(listed text: Substring, noting notes: inout [InputNote]) throws(InputError) {
    try self.init(text, in: .file, noting: &notes)
  }

  init(source: Prefix) { self.init(of: source) }

  var listedSource: Prefix? { source }

  /// There are few keys, so a quick path is not needed.
  static func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> AllowKey? { nil }
}
