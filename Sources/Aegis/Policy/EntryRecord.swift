/// A drop entry or an allow key as `dump -o json` writes it and `drop-ip -f` and `allow-key -f` read it.
public struct EntryRecord: Codable, Hashable, Sendable {
  public let name: String
  /// When it stops matching by the wall clock, in RFC 3339; if absent, never.
  public let expires: String?
  /// The remaining time when the record was written. Only read if there is no `expires`.
  public let remainingMilliseconds: UInt64?
  public let hits: UInt64?
  public let note: String?
  /// Whether a key is protected.
  public let protected: Bool?
  /// Whether packets are only counted, for a drop or for the rate of a key.
  public let monitor: Bool?
  /// The rate of a key.
  public let rate: String?
  public let burst: UInt32?
  public let algorithm: String?

  public init(drop entry: Entry<Prefix>, _ clock: ClockReading) {
    self.init(entry, clock, protected: nil, monitor: entry.isMonitored)
  }

  public init(key entry: Entry<AllowKey>, _ clock: ClockReading) {
    self.init(
      entry, clock, protected: entry.isProtected, monitor: entry.rate.map(\.isMonitored))
  }

  private init<Element>(
    _ entry: Entry<Element>, _ clock: ClockReading, protected: Bool?, monitor: Bool?
  ) {
    name = "\(entry.element)"
    expires = entry.expires.map { "\(clock.wallTime(of: $0))" }
    remainingMilliseconds = entry.remaining.map { UInt64(max(0, $0 / .milliseconds(1))) }
    hits = entry.hits
    note = entry.note?.text
    self.protected = protected
    self.monitor = monitor
    rate = entry.rate?.description
    burst = entry.rate.flatMap { $0.algorithm == .fixedWindow ? nil : $0.effectiveBurst }
    algorithm = entry.rate?.algorithm.rawValue
  }
}

extension EntryRecord {
  /// Everything the record states about a drop entry besides its name; nil if the entry has expired.
  func dropTerms(at clock: ClockReading) throws(InputError) -> ListTerms? {
    guard rate == nil, burst == nil, algorithm == nil, protected != true else {
      throw InputError(name, "has a rate or protection, which only keys can have")
    }
    var terms = try common(at: clock)
    terms?.isMonitored = monitor ?? false
    return terms
  }

  /// Everything the record states about an allow key besides its name; nil if the key has expired.
  func keyTerms(at clock: ClockReading) throws(InputError) -> ListTerms? {
    guard rate != nil || burst == nil && algorithm == nil && monitor != true else {
      throw InputError(name, "has a burst, an algorithm or monitor, but no rate")
    }
    guard rate == nil || protected != true else {
      throw InputError(name, "is protected and has a rate; a protected key is never limited")
    }
    var terms = try common(at: clock)
    terms?.isProtected = protected ?? false
    terms?.rate = try readRate()
    return terms
  }

  private func common(at clock: ClockReading) throws(InputError) -> ListTerms? {
    var terms = ListTerms()
    terms.isWhole = true
    terms.note = try note.map { text throws(InputError) in try Note(text) }
    if let expires {
      let time = try WallTime(expires)
      guard let lifetime = clock.remaining(until: time) else { return nil }
      (terms.end, terms.lifetime) = (time, lifetime)
    } else if let remainingMilliseconds {
      // An entry that expires within this millisecond still expires.
      terms.lifetime = try ListLife.milliseconds(
        (max(remainingMilliseconds, 1), false), of: name)
    }
    return terms
  }

  private func readRate() throws(InputError) -> Rate? {
    guard let rate else { return nil }
    var read = try Rate(rate, burst: burst)
    if let algorithm {
      guard let known = Rate.Algorithm(rawValue: algorithm) else {
        throw InputError(
          algorithm, "is not an algorithm",
          hint:
            "the algorithms are \(Rate.Algorithm.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      read.algorithm = known
    }
    guard burst == nil || read.algorithm != .fixedWindow else {
      throw InputError(name, "has a burst, but with fixed-window the rate itself is the burst")
    }
    read.isMonitored = monitor ?? false
    try read.validate()
    return read
  }
}
