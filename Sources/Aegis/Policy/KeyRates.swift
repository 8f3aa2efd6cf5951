internal import BPF
internal import CAegis

/// The rates of allow keys that have one of their own. Each key has its number, and so its own buckets.
struct KeyRates: ~Copyable {
  private let map: BPFMap<UInt32, aegis_rates>

  init(_ datapath: Datapath) throws(AegisError) {
    map = try datapath.map(AEGIS_MAP_KEY_RATE)
  }

  /// The rate under a new number.
  static func rates(_ rate: Rate) throws(AegisError) -> aegis_rates {
    var rates = aegis_rates.fresh()
    rates.source.put(try rate.limit(), rate.unit)
    return rates
  }

  /// The same rate under the number that a key has already; nil if that is what it is.
  func update(_ rates: aegis_rates, of number: UInt32) throws(AegisError) -> aegis_rates? {
    var renamed = rates
    renamed.id = number
    let present = try kernel { () throws(BPFError) in try map.value(forKey: number) }
    return present.map { isIdentical($0, renamed) } == true ? nil : renamed
  }

  func store(_ rates: [aegis_rates]) throws(AegisError) {
    do {
      for rates in rates { try map.update(rates, forKey: rates.id) }
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(
        .failed, "there is no room for more than \(AEGIS_KEY_RATES) keys with a rate of their own")
    }
  }

  func remove(_ numbers: [UInt32]) throws(AegisError) {
    try kernel { () throws(BPFError) in
      for number in numbers { _ = try map.remove(number) }
    }
  }

  /// Forgets those that no key has: what a call left that was interrupted between a key and its rate.
  static func forgetStrays(_ datapath: Datapath) throws(AegisError) {
    let rates = try KeyRates(datapath)
    let stored = try rates.all().keys
    if stored.isEmpty { return }
    let used = Set(try KeyList(datapath).list.all().map(\.entry.rate))
    try rates.remove(stored.filter { !used.contains($0) })
  }

  func all() throws(AegisError) -> [UInt32: Rate] {
    let entries = try kernel { () throws(BPFError) in try map.entries() }
    var rates: [UInt32: Rate] = [:]
    for (number, value) in entries { rates[number] = value.rules(for: .rest).first?.rate }
    return rates
  }
}
