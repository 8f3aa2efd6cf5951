extension ListContents where Element == Prefix {
  /// Leaves out what another entry covers that lasts at least as long, so that what is dropped stays the same.
  ///
  /// - Parameter lives: Whether entries end when they say so, and not all at the same time.
  public mutating func mergeOverlaps(lives: Bool) {
    let ends = lives ? terms.map { $0.lifetime ?? .seconds(Int64.max) } : []
    var covered = [Bool](repeating: false, count: entries.count)
    for width in [32, 128] {
      var places: [Place] = []
      for (index, entry) in entries.enumerated() where entry.element.address.width == width {
        places.append(Place(entry.element, at: index))
      }
      places.sort()
      var cover = Cover()
      for place in places {
        let end = lives ? ends[Int(entries[place.index].terms)] : .zero
        if let index = cover.add(place, until: end) { covered[index] = true }
      }
    }
    let before = entries.count
    var index = -1
    entries.removeAll { _ in
      index += 1
      return covered[index]
    }
    merged += before - entries.count
  }
}

/// A prefix of a list, in order of address and the wider first.
private struct Place: Comparable {
  let address: UInt128
  private let lengthAndIndex: UInt64

  init(_ prefix: Prefix, at index: Int) {
    address = prefix.address.leftAligned
    lengthAndIndex = UInt64(prefix.length) << 48 | UInt64(index)
  }

  var length: Int { Int(lengthAndIndex >> 48) }
  var index: Int { Int(lengthAndIndex & ((1 << 48) - 1)) }

  static func < (left: Place, right: Place) -> Bool {
    if left.address != right.address { return left.address < right.address }
    return left.lengthAndIndex < right.lengthAndIndex
  }

  func contains(_ other: Place) -> Bool {
    length == 0 || (address ^ other.address) >> UInt128(128 - length) == 0
  }
}

/// The prefixes around the place that a walk in order has come to, widest first.
private struct Cover {
  private var open: [(place: Place, end: Duration)] = []

  /// - Returns: The index of an entry that is covered: this one, or an equal one before it that ends earlier.
  mutating func add(_ place: Place, until end: Duration) -> Int? {
    while let last = open.last, !last.place.contains(place) { open.removeLast() }
    // Each of these outlasts those around it, or it would not be here.
    if let last = open.last {
      if last.end >= end { return place.index }
      if last.place.length == place.length {
        open[open.count - 1] = (place, end)
        return last.place.index
      }
    }
    open.append((place, end))
    return nil
  }
}

extension ListContents {
  /// Leaves out what is there twice; the one that lasts longest stays.
  ///
  /// - Parameter lives: Whether entries end when they say so, and not all at the same time.
  public mutating func mergeEqual(lives: Bool) {
    let ends = terms.map { $0.lifetime ?? .seconds(Int64.max) }
    var seen: [Element: Int] = [:]
    var kept: [ListEntry<Element>] = []
    for entry in entries {
      guard let index = seen[entry.element] else {
        seen[entry.element] = kept.count
        kept.append(entry)
        continue
      }
      if lives, ends[Int(entry.terms)] > ends[Int(kept[index].terms)] { kept[index] = entry }
    }
    merged += entries.count - kept.count
    entries = kept
  }
}
