internal import CAegis
internal import Linux

/// Reads the conditions of entries, with the notes and rates that they refer to by number.
struct ConditionsReader {
  private struct Stated: Hashable {
    let expires: UInt64
    let note: UInt32
    let rate: UInt32
    let isMonitored: Bool
  }

  private let datapath: Datapath
  private var known: [Stated: Policy.Conditions] = [:]
  private var last: (stated: Stated, conditions: Policy.Conditions)?
  private var notes: [UInt32: Note]?
  private var rates: [UInt32: Rate]?

  init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  /// Entries with equal conditions share them.
  mutating func conditions(of entry: aegis_entry) throws(AegisError) -> Policy.Conditions {
    let stated = Stated(
      expires: entry.expires, note: entry.note, rate: entry.rate, isMonitored: entry.isMonitored)
    // Neighbours mostly have equal conditions.
    if let last, last.stated == stated { return last.conditions }
    if let known = known[stated] {
      last = (stated, known)
      return known
    }
    let conditions = try Policy.Conditions(
      expires: entry.expires == 0 ? nil : entry.expires, note: note(entry.note),
      rate: rate(entry.rate), isMonitored: entry.isMonitored)
    known[stated] = conditions
    last = (stated, conditions)
    return conditions
  }

  private mutating func note(_ number: UInt32) throws(AegisError) -> Note? {
    if number == 0 { return nil }
    if notes == nil { notes = try Notes(datapath).all() }
    return notes?[number]
  }

  private mutating func rate(_ number: UInt32) throws(AegisError) -> Rate? {
    if number == 0 { return nil }
    if rates == nil { rates = try KeyRates.all(datapath) }
    return rates?[number]
  }
}
