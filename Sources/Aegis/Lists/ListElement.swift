/// What lists are made of: sources to drop, or allow keys.
protocol ListElement: Hashable, Sendable {
  /// Reads what an operator writes.
  init(listed text: Substring, noting notes: inout [InputNote]) throws(InputError)

  init(source: Prefix)

  /// Nil is any.
  var listedSource: Prefix? { get }

  /// Reads a line of one element and nothing else, and moves `position` past its end.
  ///
  /// - Returns: nil for any other line, which is to be read with more care from where it begins.
  static func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> Self?

  /// What an entry of a dump says beside its name; nil if its time has passed.
  static func terms(
    of record: EntryRecord, at clock: ClockReading
  ) throws(InputError) -> ListTerms?

  /// The entries of a dump, and what the dump calls them.
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

  /// Keys are few.
  static func quick(_ bytes: borrowing Span<UInt8>, at position: inout Int) -> AllowKey? { nil }
}
