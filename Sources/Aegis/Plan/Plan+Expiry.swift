internal import CAegis

extension Sequence {
  /// When the first of the entries that are put expires; nil if none does. In ns of `CLOCK_BOOTTIME`.
  func firstExpiry<Entry>() -> UInt64? where Element == Plan.Difference<Entry> {
    var first: UInt64?
    // Neighbours mostly have the same conditions.
    var last = Policy.Conditions()
    for difference in self {
      guard let conditions = difference.after, !conditions.isShared(with: last) else { continue }
      last = conditions
      if let expires = conditions.expires { first = Swift.min(first ?? expires, expires) }
    }
    return first
  }
}

extension aegis_config {
  /// Has what expires then swept.
  mutating func expect(_ expiry: UInt64?) {
    guard let expiry else { return }
    next_expiry = next_expiry == 0 ? expiry : min(next_expiry, expiry)
  }
}
