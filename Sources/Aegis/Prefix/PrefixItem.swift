internal import Linux

/// An entry of a table of prefixes.
package struct PrefixItem: Hashable, Sendable {
  /// The address aligned to the most significant bit, in either family. Host bits are zero.
  package var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }
  let high: UInt64
  let low: UInt64
  package let length: UInt8
  /// The number of its record.
  let record: UInt32

  package init(bits: UInt128, length: Int, record: UInt32 = 0) {
    high = UInt64(truncatingIfNeeded: bits >> 64)
    low = UInt64(truncatingIfNeeded: bits)
    self.length = UInt8(truncatingIfNeeded: length)
    self.record = record
  }

  init(_ prefix: Prefix, record: UInt32 = 0) {
    self.init(bits: prefix.address.leftAligned, length: prefix.length, record: record)
  }
}

extension Prefix {
  init(_ item: PrefixItem, isIPv6: Bool) {
    self.init(
      masking: isIPv6 ? .v6(item.bits) : .v4(UInt32(truncatingIfNeeded: item.bits >> 96)),
      length: Int(item.length))
  }
}

/// What a table is built of. Of entries for the same prefix, the last one counts.
package struct PrefixItems: Sendable {
  let isIPv6: Bool
  package var items: [PrefixItem] = []
  var records = PrefixRecords()

  /// - Parameter isIPv6: Whether all prefixes are IPv6, or else all are IPv4.
  package init(isIPv6: Bool) { self.isIPv6 = isIPv6 }

  /// The entries of a table that have not expired, with changes.
  ///
  /// - Parameter list: The number of the list that entries are removed from.
  init(
    of table: PrefixTable?, isIPv6: Bool, adding count: Int, list: UInt16 = 0,
    _ each: PrefixTable.Changes
  ) {
    let now = Clock.boottime()
    self = table?.items { !$0.isExpired(at: now) } ?? PrefixItems(isIPv6: isIPv6)
    let hasOthers =
      records.values.dropFirst().contains { $0.list != list }
      || list != 0 && items.contains { $0.record == 0 }
    items.reserveCapacity(items.count + count)
    var removed: Set<Prefix> = []
    each { prefix, record in
      // Most tables are of one list, and need no look-up.
      if hasOthers || record == nil, let members = table?.value(of: prefix)?.members {
        let others = members.filter { !$0.isExpired(at: now) }.without(list)
        if !others.isEmpty {
          append(prefix, records.number(of: record.map(others.with) ?? others))
          return
        }
      }
      if let record { append(prefix, record) } else { removed.insert(prefix) }
    }
    if !removed.isEmpty { items.removeAll { removed.contains(Prefix($0, isIPv6: isIPv6)) } }
  }

  private mutating func append(_ prefix: Prefix, _ record: UInt32) {
    items.append(PrefixItem(prefix, record: record))
  }

  mutating func append(_ prefix: Prefix, _ record: PrefixRecord = .plain) {
    items.append(PrefixItem(prefix, record: records.number(of: record)))
  }
}
