internal import BPF
internal import CAegis
internal import Linux

/// The rates of allow keys and rules that have their own. Each of these has a number, and so its own buckets.
struct KeyRates: ~Copyable {
  private let datapath: Datapath
  private let map: BPFMap<UInt32, aegis_rates>

  /// A rate to be stored, and the sources that its key names.
  struct New {
    var rates: aegis_rates
    let prefix: Prefix?
  }

  init(_ datapath: Datapath) throws(AegisError) {
    self.datapath = datapath
    map = try datapath.map(AEGIS_MAP_key_rate)
  }

  /// The rate under a new number.
  static func rates(_ rate: Rate, isTotal: Bool = false) throws(AegisError) -> aegis_rates {
    var rates = aegis_rates.fresh()
    if isTotal {
      rates.total.put(try rate.limit(), rate.unit)
    } else {
      rates.source.put(try rate.limit(), rate.unit)
    }
    return rates
  }

  /// The same rate under the number that a key already has; nil if nothing changes.
  func update(_ rates: aegis_rates, of number: UInt32) throws(AegisError) -> aegis_rates? {
    var renamed = rates
    renamed.id = number
    let present = try kernel { () throws(SystemError) in try map.value(forKey: number) }
    guard let present else { return renamed }
    renamed.source = present.source
    renamed.source.change(to: rates.source)
    renamed.total = present.total
    renamed.total.change(to: rates.total)
    return isIdentical(present, renamed) ? nil : renamed
  }

  func count() throws(AegisError) -> Int {
    try kernel { () throws(SystemError) in try map.count() }
  }

  func store(_ new: [New]) throws(AegisError) {
    var lines = try RateLines(datapath)
    let config = try Settings.read(datapath)
    let placed = try new.map { one throws(AegisError) in
      var rates = one.rates
      try lines.place(&rates, sources: config.sources(in: one.prefix))
      return rates
    }
    do {
      for rates in placed { try map.update(rates, forKey: rates.id) }
    } catch {
      guard error.isFull else { throw AegisError(error) }
      throw AegisError(
        .failed, "at most \(AEGIS_KEY_RATES) keys and rules can have a rate of their own")
    }
  }

  func remove(_ numbers: [UInt32]) throws(AegisError) {
    try kernel { () throws(SystemError) in
      for number in numbers { _ = try map.remove(number) }
    }
  }

  /// Removes rates without a key: a call left them that was interrupted between a key and its rate.
  static func forgetStrays(_ datapath: Datapath) throws(AegisError) {
    let rates = try KeyRates(datapath)
    let stored = try all(datapath).keys
    if stored.isEmpty { return }
    var used: Set<UInt32> = []
    for view in try datapath.profileViews {
      used.formUnion(try KeyList(view).list.all().map(\.entry.rate))
      used.formUnion(try RuleTable(view).rateNames().keys)
    }
    try rates.remove(stored.filter { !used.contains($0) })
  }

  static func all(_ datapath: Datapath) throws(AegisError) -> [UInt32: Rate] {
    try rules(datapath).mapValues(\.rate)
  }

  /// With whether they are totals.
  static func rules(_ datapath: Datapath) throws(AegisError) -> [UInt32: RateRule] {
    var rates: [UInt32: RateRule] = [:]
    let stored = try StoredRates.read(
      datapath.directory, abi: datapath.origin.abi, [AEGIS_MAP_key_rate])
    for one in stored {
      guard case .key(let number) = one.place else { continue }
      rates[number] = one.rates.rules(for: .rest).first
    }
    return rates
  }
}
