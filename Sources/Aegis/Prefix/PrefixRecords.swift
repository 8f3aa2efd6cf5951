internal import CAegis

/// What an entry of a table of prefixes says.
struct PrefixRecord: Hashable, Sendable {
  /// In ns of `CLOCK_BOOTTIME`; 0 is never.
  var expires: UInt64 = 0
  /// A key into `notes`; 0 is none.
  var note: UInt32 = 0
  /// Of `enum aegis_entry_flag`.
  var flags: UInt16 = 0
  /// The number of the list that it is of.
  var list: UInt16 = 0
  /// The number of the record for the next list that has the entry; 0 is none.
  var next: UInt32 = 0

  static let plain = PrefixRecord()

  func isExpired(at now: UInt64) -> Bool { expires != 0 && expires <= now }
  var isMonitored: Bool { flags & aegis_entry_flag.monitor != 0 }
}

extension PrefixRecord {
  /// - Parameter note: The number of its note.
  init(_ conditions: Policy.Conditions, note: UInt32, list: UInt16) {
    self.init(
      expires: conditions.expires ?? 0, note: note,
      flags: conditions.isMonitored ? aegis_entry_flag.monitor : 0, list: list)
  }
}

extension aegis_entry {
  /// A drop entry.
  init(_ record: PrefixRecord, hits: UInt64, of prefix: Prefix) {
    self.init()
    (expires, self.hits, note) = (record.expires, hits, record.note)
    (flags, prefix_length) = (record.flags, UInt8(prefix.length))
  }
}

extension PrefixRecord {
  init(_ record: aegis_prefix_record) {
    self.init(
      expires: record.expires, note: record.note, flags: record.flags, list: record.list,
      next: record.next)
  }

  var abi: aegis_prefix_record {
    aegis_prefix_record(
      expires: expires, note: note, flags: flags, list: list, next: next,
      pad: 0, spare: 0)
  }
}

/// What the lists say that have the same entry, in the order of their numbers. Their `next` is 0.
typealias PrefixMembers = [PrefixRecord]

extension PrefixMembers {
  /// The same with what one list says.
  func with(_ record: PrefixRecord) -> PrefixMembers {
    var members = without(record.list)
    let place = members.firstIndex { $0.list > record.list } ?? members.count
    members.insert(record, at: place)
    return members
  }

  func without(_ list: UInt16) -> PrefixMembers { filter { $0.list != list } }

  func of(_ list: UInt16) -> PrefixRecord? { first { $0.list == list } }

  /// Stores them, the last one first.
  ///
  /// - Parameter number: The number of one record; nil if there is no room.
  /// - Returns: The number of the first one; nil if there is no room.
  func stored(_ number: (PrefixRecord) -> UInt32?) -> UInt32? {
    var next: UInt32 = 0
    for member in reversed() {
      var record = member
      record.next = next
      guard let stored = number(record) else { return nil }
      next = stored
    }
    return next
  }
}

/// Distinct records, by number. Number 0 is the plain one.
struct PrefixRecords: Sendable {
  private(set) var values: [PrefixRecord] = [.plain]
  private var numbers: [PrefixRecord: UInt32] = [.plain: 0]
  private var last: UInt32 = 0

  /// The number of a record; a new one if it is not there.
  mutating func number(of record: PrefixRecord) -> UInt32 {
    // Most lists have one record for many entries in a row.
    if values[Int(last)] == record { return last }
    let next = UInt32(values.count)
    last = numbers[record] ?? next
    if last == next {
      numbers[record] = next
      values.append(record)
    }
    return last
  }

  /// The number of the first one of what the lists say.
  mutating func number(of members: PrefixMembers) -> UInt32 {
    if members.count == 1 { return number(of: members[0]) }
    return members.stored { number(of: $0) } ?? 0
  }
}
