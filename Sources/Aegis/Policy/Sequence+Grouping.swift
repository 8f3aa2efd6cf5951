extension Sequence where Element: Hashable {
  /// The elements without duplicates, in the order of first appearance.
  public func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Array {
  /// Like `filter`, but without a copy if all elements match, as in most lists.
  func only(_ isMeant: (Element) -> Bool) -> [Element] {
    allSatisfy(isMeant) ? self : filter(isMeant)
  }
}

extension Sequence {
  func grouped<Key: Hashable>(by key: (Element) -> Key) -> [Key: [Element]] {
    Dictionary(grouping: self, by: key)
  }
}
