internal import CAegis

/// What the lists of a datapath mean for the records of their entries, as `bpf/prefix/record.h` has it.
struct ListRules {
  private let rows: [aegis_list]

  /// - Parameter rows: By number; empty if there are only manual entries.
  init(_ rows: [aegis_list] = []) { self.rows = rows }

  private func row(of record: PrefixRecord) -> aegis_list? {
    record.list != AEGIS_LIST_MANUAL && Int(record.list) < rows.count
      ? rows[Int(record.list)] : nil
  }

  func isExpired(_ record: PrefixRecord, at now: UInt64) -> Bool {
    if record.isExpired(at: now) { return true }
    guard let row = row(of: record) else { return false }
    return row.expires != 0 && row.expires <= now
  }

  func isEnforced(_ record: PrefixRecord, at now: UInt64) -> Bool {
    if record.isMonitored || isExpired(record, at: now) { return false }
    guard let row = row(of: record) else { return true }
    return row.flags & (aegis_list_flag.monitor | aegis_list_flag.set) == 0
  }

  /// Whether all entries of a list have expired.
  func isOver(_ list: UInt16, at now: UInt64) -> Bool {
    isExpired(PrefixRecord(list: list), at: now)
  }

  /// When the next list ends that has not ended.
  func nextEnd(after now: UInt64) -> UInt64? {
    rows.lazy.map(\.expires).filter { $0 > now }.min()
  }
}

extension ListStore {
  func listRules() throws(AegisError) -> ListRules { ListRules(try listRows()) }
}
