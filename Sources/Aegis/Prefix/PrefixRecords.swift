internal import CAegis

/// What an entry of a table of prefixes says.
struct PrefixRecord: Hashable, Sendable {
  /// In ns of `CLOCK_BOOTTIME`; 0 is never.
  var expires: UInt64 = 0
  /// Keys into `notes` and `key_rate`; 0 is none.
  var note: UInt32 = 0
  var rate: UInt32 = 0
  /// Of `enum aegis_entry_flag`.
  var flags: UInt16 = 0
  /// The list that it is from; 0 is none.
  var list: UInt16 = 0

  static let plain = PrefixRecord()
}

extension PrefixRecord {
  init(_ record: aegis_prefix_record) {
    self.init(
      expires: record.expires, note: record.note, rate: record.rate, flags: record.flags,
      list: record.list)
  }

  var abi: aegis_prefix_record {
    aegis_prefix_record(
      expires: expires, note: note, rate: rate, flags: flags, list: list, pad: 0, spare: 0)
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
