/// The contents of a list in any format.
public struct ListContents<Element: Hashable & Sendable>: Sendable {
  /// In the order of the list.
  public internal(set) var entries: [ListEntry<Element>] = []
  /// What entries state besides their element, by number; the first states nothing.
  public private(set) var terms = [ListTerms()]
  /// What could not be read.
  public internal(set) var errors: [ListError] = []
  /// Input that was interpreted as something other than it says.
  public internal(set) var notes: [ListNote] = []
  /// The number of entries that were left out because others cover them.
  public internal(set) var merged = 0
  /// The number of lines with columns that have no meaning here.
  public internal(set) var ignoredColumns = 0
  /// What the list contains that does not belong in a list of addresses, and how often.
  public internal(set) var leftOut: [String: Int] = [:]
  let bounds: ListBounds
  private var numbers = [ListTerms(): 0 as UInt32]

  public init(bounds: ListBounds = .none) {
    self.bounds = bounds
  }

  /// Creates entries from elements without further terms.
  public init(_ elements: [Element]) {
    self.init()
    prepend(elements)
  }

  /// The number of these terms; equal terms have the same number.
  mutating func number(of wanted: ListTerms) -> UInt32 {
    if wanted.isEmpty { return 0 }
    if let number = numbers[wanted] { return number }
    let number = UInt32(terms.count)
    terms.append(wanted)
    numbers[wanted] = number
    return number
  }

  mutating func append(_ element: Element, line: Int, _ terms: ListTerms = ListTerms()) {
    entries.append(ListEntry(element, line: line, terms: number(of: terms)))
  }

  mutating func note(_ place: ListError.Place, _ notes: [InputNote]) {
    self.notes += notes.map { ListNote(place: place, note: $0) }
  }

  mutating func refuse(_ place: ListError.Place, _ error: InputError) {
    errors.append(ListError(place: place, error: error))
  }

  /// Refuses the whole list: the meaning of each part depends on what cannot be read.
  mutating func refuseAll(_ reasons: [InputError]) {
    entries = []
    errors = reasons.map { ListError(place: .whole, error: $0) }
  }

  /// Whether no part of the list may be used.
  public var isRefused: Bool { errors.contains { $0.place == .whole } }

  /// Appends the entries of another list.
  public mutating func append(_ other: ListContents) {
    if entries.isEmpty {
      self = other
      return
    }
    let terms = other.terms.map { number(of: $0) }
    entries.reserveCapacity(entries.count + other.entries.count)
    for entry in other.entries {
      entries.append(
        ListEntry(entry.element, line: entry.line, terms: terms[Int(entry.terms)]))
    }
  }

  /// Removes the entries at some places.
  public mutating func remove(at places: Set<Int>) {
    if places.isEmpty { return }
    entries = entries.enumerated().filter { !places.contains($0.offset) }.map(\.element)
  }

  public var elements: [Element] { entries.map(\.element) }

  /// The elements, without a copy.
  var listed: some RandomAccessCollection<Element> { entries.lazy.map { $0.element } }

  /// The elements, each with its terms.
  public var stated: [(element: Element, terms: ListTerms)] {
    entries.map { ($0.element, terms[Int($0.terms)]) }
  }

  /// Inserts elements without further terms at the front.
  public mutating func prepend(_ elements: [Element]) {
    entries.insert(contentsOf: elements.map { ListEntry($0, line: 0, terms: 0) }, at: 0)
  }

  /// Whether the list is a dump, whose entries are to be restored exactly.
  public var isWhole: Bool { terms.contains(where: \.isWhole) }
}

extension ListContents where Element: ListElement {
  /// Appends the entries of one line: all of them, or none.
  mutating func take(
    _ place: ListError.Place, _ terms: ListTerms = ListTerms(),
    _ read: (inout [InputNote]) throws(InputError) -> [Element]
  ) throws(InputError) {
    var notes: [InputNote] = []
    let elements = try read(&notes)
    for element in elements {
      if let source = element.listedSource { try bounds.check(source) }
    }
    for element in elements { append(element, line: place.number, terms) }
    note(place, notes)
  }
}

public struct ListEntry<Element: Sendable>: Sendable {
  public let element: Element
  private let number: UInt32
  /// The number of its terms.
  let terms: UInt32

  init(_ element: Element, line: Int, terms: UInt32) {
    self.element = element
    number = UInt32(clamping: line)
    self.terms = terms
  }

  /// The line, from 1; in JSON the place among the elements.
  public var line: Int { Int(number) }
}

/// What an entry of a list states besides its element.
public struct ListTerms: Hashable, Sendable {
  /// The lifetime from now; nil means forever.
  public var lifetime: Duration?
  /// The same moment by the wall clock, where that is known.
  public var end: WallTime?
  public var note: Note?
  /// The rate of an allow key.
  public var rate: Rate?
  /// Whether an allow key is protected.
  public var isProtected = false
  /// Whether a drop entry only counts what it would drop.
  public var isMonitored = false
  /// Whether the terms are complete: the entry has nothing that they do not name.
  public var isWhole = false

  /// Creates empty terms.
  public init() {}

  var isEmpty: Bool { self == ListTerms() }
}

/// How a part of a list was interpreted.
public struct ListNote: Hashable, Sendable {
  public let place: ListError.Place
  public let note: InputNote
}

/// An error in a part of a list.
public struct ListError: Error, Hashable, Sendable {
  public enum Place: Hashable, Sendable {
    /// A line, from 1.
    case line(Int)
    /// An element of a JSON array, from 0, and its name.
    case element(String, Int)
    /// The whole list: no part of it can be used.
    case whole

    /// The number, from 1, as in entries.
    var number: Int {
      switch self {
      case .line(let line): line
      case .element(_, let index): index + 1
      case .whole: 0
      }
    }
  }

  public let place: Place
  public let error: InputError
}
