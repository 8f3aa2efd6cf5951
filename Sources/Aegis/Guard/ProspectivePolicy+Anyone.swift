/// Of packets that come from nobody in particular: from a DHCP server, or a peer that is not known.
extension ProspectivePolicy {
  /// Why they would not come in, or too few of them; nil if they would.
  func cause(
    cutting watched: Watched, from origin: Prefix
  ) throws(AegisError) -> CutOff.Cause? {
    if case .frames = watched.role { return try defaultAction == .deny ? .notIP : nil }
    if try isExempt(watched) { return nil }
    if let prefix = try drop(origin) { return .drop(prefix) }
    let keys = try keys(meaning: watched, from: origin, protected: false)
    if keys.isEmpty, try defaultAction == .deny { return .noKey }
    guard let floor = watched.floor else { return nil }
    if let key = keys.first, let rate = key.rate {
      let isEnough = keys.contains { $0.rate.map { !floor.isTooLow($0) } ?? false }
      return isEnough ? nil : .keyRate(key.key, rate)
    }
    return try rules(for: watched).first { floor.isTooLow($0.rate) }.map { .rule($0) }
  }

  /// Whether a protected key lets them in, whatever else there is.
  func isExempt(_ watched: Watched) throws(AegisError) -> Bool {
    guard let origin = watched.origin else { return try key(for: watched, protected: true) != nil }
    return try !keys(meaning: watched, from: origin, protected: true).isEmpty
  }

  /// The keys that were made for these packets, or let in everybody they may come from.
  private func keys(
    meaning watched: Watched, from origin: Prefix, protected: Bool
  ) throws(AegisError) -> [FoundKey] {
    let kept = try store.keys(protected: protected).filter { change.keys[$0.key] == nil }
    var new: [FoundKey] = []
    for (key, state) in change.keys {
      if let found = try pending(key, state, protected: protected) { new.append(found) }
    }
    return (kept + new).filter { $0.key.means(watched, from: origin) }
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
