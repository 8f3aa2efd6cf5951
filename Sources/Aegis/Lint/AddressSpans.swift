/// The addresses that a rule accepts at one end of a packet. What is in lists is not known.
struct AddressSpans {
  /// Left-aligned, without those that are excluded.
  var v4: NumberSpans
  var v6: NumberSpans
  /// Accepted too, unless they are excluded.
  let lists: Set<ListName>
  let excludedLists: Set<ListName>
  private let excludedV4: NumberSpans
  private let excludedV6: NumberSpans
  /// Whether it accepts every address that is not excluded.
  private let isOpen: Bool

  private static let all = NumberSpans(0 ... .max)

  init(_ wanted: RuleAddresses?, without excluded: RuleAddresses?) {
    excludedV4 = NumberSpans(excluded?.prefixes ?? [], width: 32)
    excludedV6 = NumberSpans(excluded?.prefixes ?? [], width: 128)
    let (v4, v6) = (
      wanted.map { NumberSpans($0.prefixes, width: 32) } ?? Self.all,
      wanted.map { NumberSpans($0.prefixes, width: 128) } ?? Self.all
    )
    isOpen = v4 == Self.all && v6 == Self.all
    self.v4 = v4.subtracting(excludedV4)
    self.v6 = v6.subtracting(excludedV6)
    excludedLists = Set(excluded?.lists ?? [])
    lists = isOpen ? [] : Set(wanted?.lists ?? []).subtracting(excludedLists)
  }

  /// Whether it does not depend on what is in lists.
  var isKnown: Bool { lists.isEmpty && excludedLists.isEmpty }

  var hasV4: Bool { !v4.isEmpty || !lists.isEmpty }
  var hasV6: Bool { !v6.isEmpty || !lists.isEmpty }

  /// Whether it accepts each address that the other one accepts. False if that depends on what is in lists.
  func contains(_ other: AddressSpans) -> Bool {
    guard v4.contains(other.v4), v6.contains(other.v6),
      excludedLists.isSubset(of: other.excludedLists)
    else { return false }
    if other.lists.isEmpty { return true }
    // An address of a list may be any.
    return (isOpen || other.lists.isSubset(of: lists))
      && other.excludedV4.contains(excludedV4) && other.excludedV6.contains(excludedV6)
  }

  /// Whether both may accept one address.
  func mayMeet(_ other: AddressSpans) -> Bool {
    v4.meets(other.v4) || v6.meets(other.v6) || !lists.isEmpty && (other.hasV4 || other.hasV6)
      || !other.lists.isEmpty && (hasV4 || hasV6)
  }

  mutating func subtract(_ other: AddressSpans) {
    v4 = v4.subtracting(other.v4)
    v6 = v6.subtracting(other.v6)
  }
}
