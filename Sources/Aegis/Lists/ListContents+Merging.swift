extension ListContents where Element == Prefix {
  /// Removes entries that another entry covers and outlasts, so that the same packets are dropped.
  ///
  /// - Parameter lives: Whether each entry ends at its own time, instead of all at the same time.
  public mutating func mergeOverlaps(lives: Bool) {
    leaveOut(covered(lives: lives && terms.count > 1))
  }

  private func covered(lives: Bool) -> [Int] {
    let ends = lives ? terms.map { $0.lifetime ?? .forGood } : []
    var covered: [Int] = []
    var cover = Cover()
    func visit(_ place: Place) {
      let end = lives ? ends[Int(entries[place.index].terms)] : .zero
      if let index = cover.add(place, until: end) { covered.append(index) }
    }
    visitV4(visit)
    cover = Cover()
    for place in places(width: 128) { visit(place) }
    return covered
  }

  private mutating func leaveOut(_ indices: [Int]) {
    if indices.isEmpty { return }
    var isOut = [Bool](repeating: false, count: entries.count)
    for index in indices { isOut[index] = true }
    var kept: [ListEntry<Element>] = []
    kept.reserveCapacity(entries.count - indices.count)
    for (index, entry) in entries.enumerated() where !isOut[index] { kept.append(entry) }
    entries = kept
    merged += indices.count
  }

  /// Visits in order of address, wider prefixes first. Places are packed into words, which are sorted faster.
  private func visitV4(_ visit: (Place) -> Void) {
    let indexBits = 26 as UInt64
    guard entries.count < 1 << indexBits else {
      for place in places(width: 32) { visit(place) }
      return
    }
    var packed: [UInt64] = []
    packed.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      guard case .v4(let address) = entry.element.address else { continue }
      packed.append(
        UInt64(address) << 32 | UInt64(entry.element.length) << indexBits | UInt64(index))
    }
    packed.sort(digits: 4) { word, digit in Int(word >> UInt64(26 + 10 * digit)) & 1023 }
    for word in packed {
      visit(
        Place(
          UInt128(word >> 32) << 96, length: Int(word >> indexBits & 63),
          at: Int(word & ((1 << indexBits) - 1))))
    }
  }

  private func places(width: Int) -> [Place] {
    var places: [Place] = []
    for (index, entry) in entries.enumerated() where entry.element.address.width == width {
      let prefix = entry.element
      places.append(Place(prefix.address.leftAligned, length: prefix.length, at: index))
    }
    places.sort(digits: 14) { place, digit in place.digit(digit) }
    return places
  }
}

extension Array {
  /// Sorts by digits from 0 to 1023, the least significant of which is digit 0. Equal elements stay in their order.
  fileprivate mutating func sort(digits: Int, _ digit: (Element, Int) -> Int) {
    guard var other = first.map({ [Element](repeating: $0, count: count) }) else { return }
    for number in 0..<digits {
      var places = [Int](repeating: 0, count: 1024)
      for element in self { places[digit(element, number)] += 1 }
      if places.contains(count) { continue }
      var next = 0
      for value in places.indices { (places[value], next) = (next, next + places[value]) }
      other.withUnsafeMutableBufferPointer { other in
        places.withUnsafeMutableBufferPointer { places in
          for element in self {
            let value = digit(element, number)
            other[places[value]] = element
            places[value] += 1
          }
        }
      }
      swap(&self, &other)
    }
  }
}

extension Duration {
  fileprivate static let forGood = Duration.seconds(Int64.max)
}

/// A prefix of a list, ordered by address, wider prefixes first.
private struct Place {
  let address: UInt128
  private let lengthAndIndex: UInt64

  init(_ address: UInt128, length: Int, at index: Int) {
    self.address = address
    lengthAndIndex = UInt64(length) << 48 | UInt64(index)
  }

  var length: Int { Int(lengthAndIndex >> 48) }
  var index: Int { Int(lengthAndIndex & ((1 << 48) - 1)) }

  /// Of ten bits each: first the length, then the address from its end.
  func digit(_ number: Int) -> Int {
    number == 0 ? length : Int(truncatingIfNeeded: address >> UInt128(10 * (number - 1))) & 1023
  }

  func contains(_ other: Place) -> Bool {
    length == 0 || (address ^ other.address) >> UInt128(128 - length) == 0
  }
}

/// The prefixes around the current place of an ordered walk, widest first.
private struct Cover {
  /// Each outlasts those around it; otherwise it would have been left out.
  private var open: [(place: Place, end: Duration)] = []

  /// - Returns: The index of an entry that is covered: this one, or an equal earlier one that ends sooner.
  mutating func add(_ place: Place, until end: Duration) -> Int? {
    while let last = open.last, !last.place.contains(place) { open.removeLast() }
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
  /// The same contents without duplicates.
  public func mergedEqual(lives: Bool) -> ListContents {
    var merged = self
    merged.mergeEqual(lives: lives)
    return merged
  }

  /// Removes duplicates; the one that lasts longest stays.
  ///
  /// - Parameter lives: Whether each entry ends at its own time, instead of all at the same time.
  public mutating func mergeEqual(lives: Bool) {
    let ends = terms.map { $0.lifetime ?? .forGood }
    var seen: [Element: Int] = [:]
    seen.reserveCapacity(entries.count)
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
