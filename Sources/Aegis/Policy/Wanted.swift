/// What is to be on a list: elements without repetitions, each with its terms.
public struct Wanted<Element: Hashable & Sendable>: Sendable {
  let entries: [ListEntry<Element>]
  /// By the number that entries have.
  let terms: [Terms]

  /// All on the same terms.
  public init(_ elements: [Element], _ terms: Terms) {
    entries = elements.uniqued().map { ListEntry($0, line: 0, terms: 0) }
    self.terms = [terms]
  }

  /// What a list says, which must have been merged.
  ///
  /// - Parameter terms: What becomes of what entries say of themselves.
  public init(_ contents: ListContents<Element>, _ terms: (ListTerms) -> Terms) {
    entries = contents.entries
    self.terms = contents.terms.map(terms)
  }

  private init(entries: [ListEntry<Element>], terms: [Terms]) {
    self.entries = entries
    self.terms = terms
  }

  var elements: [Element] { entries.map(\.element) }

  func filter(_ isIncluded: (Element) -> Bool) -> Wanted {
    Wanted(entries: entries.filter { isIncluded($0.element) }, terms: terms)
  }
}
