extension Sequence where Element: Hashable {
  /// Without repetitions, in the order of first appearance.
  public func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Array {
  /// As `filter`; most lists are all of one kind, and need no copy.
  func only(_ isMeant: (Element) -> Bool) -> [Element] {
    allSatisfy(isMeant) ? self : filter(isMeant)
  }
}

extension Sequence {
  func grouped<Key: Hashable>(by key: (Element) -> Key) -> [Key: [Element]] {
    Dictionary(grouping: self, by: key)
  }
}
