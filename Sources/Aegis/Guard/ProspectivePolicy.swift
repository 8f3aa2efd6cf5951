/// A policy with a change laid over it: how the datapath would judge once the change is made.
struct ProspectivePolicy {
  let store: any PolicyStore
  let change: PolicyChange

  init(_ store: any PolicyStore, _ change: PolicyChange = PolicyChange()) {
    self.store = change.isWhole ? EmptyPolicy() : store
    self.change = change
  }

  /// Why packets would not come in, or too few of them; nil if they would.
  func cause(cutting watched: Watched) throws(AegisError) -> CutOff.Cause? {
    if try passesEverything { return nil }
    if let origin = watched.origin { return try cause(cutting: watched, from: origin) }
    if try key(for: watched, protected: true) != nil { return nil }
    if let prefix = try drop(Prefix(watched.source)) { return .drop(prefix) }
    if !watched.needsKey { return nil }
    let key = try key(for: watched, protected: false)
    if key == nil, try defaultAction == .deny { return .noKey }
    guard let floor = watched.floor else { return nil }
    if let key, let rate = key.rate {
      return floor.isTooLow(rate) ? .keyRate(key.key, rate) : nil
    }
    return try rules(for: watched).first { floor.isTooLow($0.rate) }.map { .rule($0) }
  }

  private var passesEverything: Bool {
    get throws(AegisError) {
      if !change.isConfirmed, try store.isSuspended { return true }
      if let mode = change.mode { return mode == .monitor }
      return try store.mode == .monitor
    }
  }

  var defaultAction: Limits.Default {
    get throws(AegisError) {
      if let action = change.defaultAction { return action }
      return try store.defaultAction
    }
  }

  /// The longest prefix that drops all of another, or a host.
  func drop(_ whole: Prefix) throws(AegisError) -> Prefix? {
    let added = change.drops.filter { $0.contains(whole) }.max { $0.length < $1.length }
    var length = whole.length
    while let found = try store.drop(whole.address, atMost: length) {
      if !change.removedDrops.contains(found) {
        return added.map { $0.length > found.length ? $0 : found } ?? found
      }
      length = found.length - 1
    }
    return added
  }
}

extension ProspectivePolicy {
  /// The key that lets packets in, found in the order that the datapath looks in: its rate is the one that holds.
  func key(for watched: Watched, protected: Bool) throws(AegisError) -> FoundKey? {
    let shapes: [(port: UInt16?, protocol: TransportProtocol?)] =
      watched.port == nil
      ? [(nil, watched.protocol), (nil, nil)]
      : [
        (watched.port, watched.protocol), (nil, watched.protocol), (watched.port, nil), (nil, nil),
      ]
    for shape in shapes {
      for source in [nil, Prefix(watched.source)] {
        let wanted = AllowKey(unchecked: source, shape.port, shape.protocol)
        if let found = try exactKey(wanted, protected: protected) { return found }
      }
      let found = try prefixKey(
        shape.port, shape.protocol, watched.source, protected: protected)
      if let found { return found }
    }
    return nil
  }

  private func exactKey(_ key: AllowKey, protected: Bool) throws(AegisError) -> FoundKey? {
    guard let state = change.keys[key] else {
      return try store.key(key, protected: protected)
    }
    return try pending(key, state, protected: protected)
  }

  func pending(
    _ key: AllowKey, _ state: PolicyChange.KeyState, protected: Bool
  ) throws(AegisError) -> FoundKey? {
    switch state {
    case .absent: return nil
    case .protected: return protected ? FoundKey(key: key, rate: nil) : nil
    case .plain(_) where protected: return nil
    case .plain(.off): return FoundKey(key: key, rate: nil)
    case .plain(.set(let rate)): return FoundKey(key: key, rate: rate)
    case .plain(.keep):
      // One that is there keeps its rate.
      guard let source = key.source, key.isPrefix else {
        return try store.key(key, protected: false) ?? FoundKey(key: key, rate: nil)
      }
      let found = try store.prefixKey(
        key.port, key.protocol, source.address, atMost: source.length, protected: false)
      return FoundKey(key: key, rate: found?.key == key ? found?.rate : nil)
    }
  }

  private func prefixKey(
    _ port: UInt16?, _ protocol: TransportProtocol?, _ address: IPAddress, protected: Bool
  ) throws(AegisError) -> FoundKey? {
    var longest: FoundKey?
    for (key, state) in change.keys
    where key.isPrefix && key.port == port && key.protocol == `protocol` {
      guard let source = key.source, source.contains(address),
        source.length > longest?.key.source?.length ?? -1
      else { continue }
      longest = try pending(key, state, protected: protected) ?? longest
    }
    var length = address.width - 1
    while let found = try store.prefixKey(
      port, `protocol`, address, atMost: length, protected: protected),
      let source = found.key.source
    {
      if change.keys[found.key] == nil {
        return source.length > longest?.key.source?.length ?? -1 ? found : longest
      }
      length = source.length - 1
    }
    return longest
  }
}
