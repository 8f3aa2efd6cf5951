/// What a list holds, whatever it was written by.
public struct ListContents<Element: Hashable & Sendable>: Sendable {
  /// In the order of the list.
  public internal(set) var entries: [ListEntry<Element>] = []
  /// What entries say beside their element, by number; the first says nothing.
  public private(set) var terms = [ListTerms()]
  /// What could not be read.
  public internal(set) var errors: [ListError] = []
  /// What was read as something other than it says.
  public internal(set) var notes: [ListNote] = []
  /// Entries that were left out because others say as much.
  public internal(set) var merged = 0
  /// Lines with columns that mean nothing here.
  public internal(set) var ignoredColumns = 0
  /// What the list has that is not for a list of addresses, and how often.
  public internal(set) var leftOut: [String: Int] = [:]
  let bounds: ListBounds
  private var numbers = [ListTerms(): 0 as UInt32]

  public init(bounds: ListBounds = .none) {
    self.bounds = bounds
  }

  /// Elements that say nothing more.
  public init(_ elements: [Element]) {
    self.init()
    prepend(elements)
  }

  /// The number of these terms, the same for equal ones.
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

  /// Refuses all of the list: what a part of it means depends on what cannot be read.
  mutating func refuseAll(_ reasons: [InputError]) {
    entries = []
    errors = reasons.map { ListError(place: .whole, error: $0) }
  }

  /// Whether no part of it is to be used.
  public var isRefused: Bool { errors.contains { $0.place == .whole } }

  /// Puts the entries of another list after these.
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

  /// Leaves out the entries at some places.
  public mutating func remove(at places: Set<Int>) {
    if places.isEmpty { return }
    entries = entries.enumerated().filter { !places.contains($0.offset) }.map(\.element)
  }

  public var elements: [Element] { entries.map(\.element) }

  /// With what each says of itself.
  public var stated: [(element: Element, terms: ListTerms)] {
    entries.map { ($0.element, terms[Int($0.terms)]) }
  }

  /// Puts elements in front, which say nothing more.
  public mutating func prepend(_ elements: [Element]) {
    entries.insert(contentsOf: elements.map { ListEntry($0, line: 0, terms: 0) }, at: 0)
  }

  /// Whether it is a dump, of which every entry is to be again what it was.
  public var isWhole: Bool { terms.contains(where: \.isWhole) }
}

extension ListContents where Element: ListElement {
  /// Appends what one line says: all of it, or nothing.
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
  /// Of its terms.
  let terms: UInt32

  init(_ element: Element, line: Int, terms: UInt32) {
    self.element = element
    number = UInt32(clamping: line)
    self.terms = terms
  }

  /// From 1; in JSON the place among the elements.
  public var line: Int { Int(number) }
}

/// What an entry of a list says of itself.
public struct ListTerms: Hashable, Sendable {
  /// From now on; nil is for good.
  public var lifetime: Duration?
  /// The same moment by the wall clock, where that is known.
  public var end: WallTime?
  public var note: Note?
  /// Of an allow key.
  public var rate: Rate?
  /// Of an allow key.
  public var isProtected = false
  /// Of a drop: only to count what it would drop.
  public var isMonitored = false
  /// Whether it says everything: what it does not name the entry does not have.
  public var isWhole = false

  /// Nothing.
  public init() {}

  var isEmpty: Bool { self == ListTerms() }
}

/// What a part of a list was read as.
public struct ListNote: Hashable, Sendable {
  public let place: ListError.Place
  public let note: InputNote
}

/// What is wrong with a part of a list.
public struct ListError: Error, Hashable, Sendable {
  public enum Place: Hashable, Sendable {
    /// From 1.
    case line(Int)
    /// Of a JSON array, from 0, and what it is called.
    case element(String, Int)
    /// Nothing of the list can be used.
    case whole

    /// From 1, as entries have it.
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
