internal import CAegis

/// A policy with a change laid over it, which the datapath's own code is asked about.
struct ProspectivePolicy {
  private let host: HostDatapath
  private let facts: any PolicyFacts
  private let change: PolicyChange
  /// Which packets rates of the change are for.
  private let names: [UInt32: String]

  /// What is loaded, as the change would leave it.
  init(_ datapath: Datapath, _ change: PolicyChange = PolicyChange()) throws(AegisError) {
    try self.init(HostDatapath(over: datapath), LoadedFacts(datapath), change)
  }

  /// - Parameter image: Gets the change laid over it.
  init(_ image: PolicyImage, _ change: PolicyChange = PolicyChange()) throws(AegisError) {
    try self.init(image.host, image, change)
  }

  private init(
    _ host: HostDatapath, _ facts: any PolicyFacts, _ change: PolicyChange
  ) throws(AegisError) {
    self.host = host
    self.facts = facts
    self.change = change
    names = try host.lay(change)
  }

  /// Why packets would not come in, or too few of them; nil if they would.
  func cause(cutting watched: Watched) throws(AegisError) -> CutOff.Cause? {
    if let origin = watched.origin, !watched.isFrames {
      return try cause(cutting: watched, from: origin)
    }
    return try cause(of: judge(watched, from: watched.source), for: watched)
  }

  private func judge(
    _ watched: Watched, from source: IPAddress
  ) throws(AegisError) -> Judgement {
    try host.judge(watched.frame(from: source), at: .now, charges: false)
  }

  private func cause(
    of judgement: Judgement, for watched: Watched
  ) throws(AegisError) -> CutOff.Cause? {
    let trial = judgement.trial
    switch aegis_reason(trial.reason) {
    case AEGIS_DROP_HOST: return judgement.drop(trial.drop_host)
    case AEGIS_DROP_PREFIX: return judgement.drop(trial.drop_prefix)
    case AEGIS_DROP_DEFAULT: return watched.needsKey ? .noKey : nil
    case AEGIS_DROP_NOT_IP: return .notIP
    case AEGIS_PASS_UNCONFIRMED, AEGIS_PASS_MONITORED: return nil
    default: return try rateCause(of: judgement, for: watched)
    }
  }

  /// The rate that is too low, of those that hold.
  private func rateCause(
    of judgement: Judgement, for watched: Watched
  ) throws(AegisError) -> CutOff.Cause? {
    guard let floor = watched.floor, try !isMonitoring else { return nil }
    let low = judgement.rates.first { floor.isTooLow($0.rate) }
    guard let low else { return nil }
    if let key = judgement.keyWithRate { return .keyRate(key, low.rate) }
    let all = try facts.rateNames().merging(names) { $1 }
    let known = all[low.number]
    return .rate(low.rate, isTotal: low.isTotal, of: known ?? "(gone)")
  }

  private var isMonitoring: Bool {
    get throws(AegisError) { try has(aegis_stage.monitor) }
  }

  private func has(_ stage: UInt32) throws(AegisError) -> Bool {
    let config: aegis_config? = try host.value(of: 0 as UInt32, in: AEGIS_MAP_config)
    return (config?.stages ?? 0) & stage != 0
  }
}

/// Of packets that come from nobody in particular: from a DHCP server, or a peer that is not known.
extension ProspectivePolicy {
  /// Whether a protected key lets packets in, whatever else there is.
  func isExempt(_ watched: Watched) throws(AegisError) -> Bool {
    for source in try sources(of: watched).all {
      if try judge(watched, from: source).isProtected { return true }
    }
    return false
  }

  private func cause(
    cutting watched: Watched, from origin: Prefix
  ) throws(AegisError) -> CutOff.Cause? {
    let (sources, isNamed) = try sources(of: watched)
    var causes: [CutOff.Cause?] = []
    for source in sources {
      let judgement = try judge(watched, from: source)
      if judgement.isProtected { return nil }
      causes.append(try cause(of: judgement, for: watched))
    }
    if try passesEverything { return nil }
    if let prefix = try host.drop(of: origin) { return .drop(prefix) }
    // What drops only some of them is meant to.
    let others = causes.filter { if case .drop? = $0 { false } else { true } }
    let keyed = others.filter { if case .noKey? = $0 { false } else { true } }
    if keyed.contains(where: { $0 == nil }) { return nil }
    if let cause = keyed.first ?? others.first { return cause }
    let isDenied = try has(aegis_stage.deny)
    return isDenied && !isNamed ? .noKey : nil
  }

  private var passesEverything: Bool {
    get throws(AegisError) {
      let config: aegis_config? = try host.value(of: 0 as UInt32, in: AEGIS_MAP_config)
      if config.flatMap(Deadline.remaining).map({ $0 <= .zero }) ?? false { return true }
      return try isMonitoring
    }
  }

  /// Addresses that stand for all that packets may come from: one of each key that was made for them, or that lets in
  /// everybody they may come from; and one that no key names. And whether there is such a key.
  private func sources(
    of watched: Watched
  ) throws(AegisError) -> (all: [IPAddress], isNamed: Bool) {
    guard let origin = watched.origin else { return ([watched.source], false) }
    let known = try facts.keys().filter { change.keys[$0] == nil }
    let new = change.keys.filter { if case .absent = $0.value { false } else { true } }.keys
    let keys = known + new
    let named = keys.filter { $0.means(watched, from: origin) }
    let stranger = origin.address(outside: keys.compactMap(\.source))
    return (named.compactMap { $0.source?.address }.uniqued() + [stranger], !named.isEmpty)
  }
}

extension Prefix {
  /// Its first address that is in none of these; its very first one if they cover it.
  fileprivate func address(outside prefixes: [Prefix]) -> IPAddress {
    var bits = address.leftAligned
    while let inside = prefixes.filter({ $0.contains(address.replacing(leftAligned: bits)) })
      .min(by: { $0.length < $1.length })
    {
      let size = inside.length == 0 ? 0 : UInt128(1) << UInt128(128 - inside.length)
      let (next, isOver) = inside.address.leftAligned.addingReportingOverflow(size)
      guard size != 0, !isOver, contains(address.replacing(leftAligned: next)) else {
        return address
      }
      bits = next
    }
    return address.replacing(leftAligned: bits)
  }
}

extension AllowKey {
  /// One that names just this port, or this protocol where there is no port, means it: whoever added it knows from
  /// whom it comes. Any other has to let in everybody.
  fileprivate func means(_ watched: Watched, from origin: Prefix) -> Bool {
    guard `protocol` == nil || `protocol` == watched.protocol, port == nil || port == watched.port
    else { return false }
    guard let source else { return true }
    let isNamed = watched.port != nil ? port != nil : `protocol` != nil
    return isNamed || source.contains(origin)
  }
}

extension Judgement {
  fileprivate var isProtected: Bool { trial.reason == AEGIS_PASS_PROTECTED.rawValue }

  fileprivate func drop(_ found: UInt64) -> CutOff.Cause? {
    guard let source else { return nil }
    return Found(found)?.drop(of: source).map { .drop($0) }
  }

  /// The key that let it in, if that has a rate of its own.
  fileprivate var keyWithRate: AllowKey? {
    guard trial.source_rates.0 != 0, let source, let `protocol` else { return nil }
    return Found(trial.key)?.key(of: source, port: port, protocol: `protocol`)
  }

  /// Those that judged it.
  fileprivate var rates: [(rate: Rate, isTotal: Bool, number: UInt32)] {
    withUnsafeBytes(of: trial.bucket) { bytes in
      bytes.bindMemory(to: aegis_trial_bucket.self).enumerated().compactMap { kind, bucket in
        let isBits = bucket.rate.flags & AEGIS_RATE_BITS.rawValue != 0
        let unit: Rate.Unit = kind & 1 == 0 ? .packets : isBits ? .bits : .bytes
        guard bucket.judged != 0, let rate = Rate(bucket.rate, unit) else { return nil }
        return (rate, kind & 2 != 0, bucket.rates)
      }
    }
  }
}
