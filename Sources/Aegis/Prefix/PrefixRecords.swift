internal import CAegis

/// What an entry of a table of prefixes says.
struct PrefixRecord: Hashable, Sendable {
  /// In ns of `CLOCK_BOOTTIME`; 0 is never.
  var expires: UInt64 = 0
  /// A key into `notes`; 0 is none.
  var note: UInt32 = 0
  /// Of `enum aegis_entry_flag`.
  var flags: UInt16 = 0
  /// The list that it is from; 0 is none.
  var list: UInt16 = 0

  static let plain = PrefixRecord()

  func isExpired(at now: UInt64) -> Bool { expires != 0 && expires <= now }
  var isMonitored: Bool { flags & aegis_entry_flag.monitor != 0 }
}

extension PrefixRecord {
  /// - Parameter note: The number of its note.
  init(_ conditions: Policy.Conditions, note: UInt32) {
    self.init(
      expires: conditions.expires ?? 0, note: note,
      flags: conditions.isMonitored ? aegis_entry_flag.monitor : 0)
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
      expires: record.expires, note: record.note, flags: record.flags, list: record.list)
  }

  var abi: aegis_prefix_record {
    aegis_prefix_record(
      expires: expires, note: note, flags: flags, list: list, spare: (0, 0))
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
}
