import Aegis

@testable import TestModel

/// A policy, and what is sent under it to each of a host's interfaces.
struct Mix {
  let policy: TestModel.Policy
  /// By interface.
  let frames: [[Frame]]
  /// Or to one interface after the other.
  let isAtOnce: Bool

  init(seed: UInt64, interfaces: Int) {
    var generator = SeededGenerator(seed: seed)
    var policy = generator.policy()
    (policy.isConfigured, policy.isUnconfirmed) = (true, false)
    policy.keys = policy.keys.map { key in
      var key = key
      if !key.isProtected, generator.chance(3) { key.key = key.key.wider(&generator) }
      return key
    }
    // A document declares a key once.
    var seen: Set<AllowKey> = []
    policy.keys.removeAll { !seen.insert($0.key).inserted }
    self.policy = policy
    isAtOnce = generator.chance(2)
    // Below the 256 that a veth has room for, were nobody to fetch any.
    frames = (0..<interfaces).map { _ in
      (0..<generator.pick(20...150)).map { _ in
        while true {
          let frame = generator.frame()
          if !frame.isTagCut { return frame }
        }
      }
    }
  }

  /// What must be counted, by interface; nil where it depends on which of two packets comes first.
  func expected() -> [Tally]? {
    if isAtOnce, policy.rate != nil { return nil }
    var model = Model(policy)
    return frames.map { frames in
      var tally = Tally()
      for frame in frames {
        tally.add(model.judge(frame), wouldDrop: model.wouldDrop, bytes: frame.bytes.count)
      }
      return tally
    }
  }
}

extension AllowKey {
  /// The same of more ports, if it has one.
  fileprivate func wider(_ generator: inout SeededGenerator) -> AllowKey {
    guard let port = ports?.numbers.ranges.first?.lowerBound else { return self }
    let more: [ClosedRange<UInt16>] = [port...port + generator.pick([0, 1, 60, 400]), 443...443]
    // The key has a port, so its protocol has.
    return try! AllowKey(source: source, ports: KeyPorts(NumberSet(more)), protocol: `protocol`)
  }
}

extension Frame {
  /// The kernel takes the outermost tag off before it shows a frame to any socket, and drops a frame that it cannot
  /// take it off.
  var isTagCut: Bool {
    let type = bytes.dropFirst(12).prefix(2).reduce(0) { $0 << 8 | UInt16($1) }
    return [Self.vlan, Self.serviceVLAN].contains(type) && bytes.count < 20
  }
}

extension Aegis.Policy {
  /// The same, as the product declares it.
  init(_ model: TestModel.Policy) {
    self.init()
    // Some nanosecond after boot.
    let past: UInt64 = 1
    defaultAction = model.deniesByDefault ? .deny : .allow
    replies = false
    mode = model.isMonitoring ? .monitor : .enforce
    sourcePrefix = SourcePrefix(v4: 32, v6: 64)
    rates = model.rate.map { [RateRule($0)] } ?? []
    drops = [:]
    lists = [:]
    for list in model.lists {
      lists?[Self.name(list.number)] = NamedList(
        action: list.isSet ? .none : .drop, isMonitored: list.isMonitored,
        expires: list.isExpired ? past : nil)
      listed[Self.name(list.number)] = [:]
    }
    for drop in model.drops {
      let conditions = Conditions(
        expires: drop.isExpired ? past : nil, isMonitored: drop.isMonitored)
      if drop.list == 0 {
        drops?[drop.prefix] = conditions
      } else {
        listed[Self.name(drop.list)]?[drop.prefix] = conditions
      }
    }
    keys = [:]
    for key in model.keys {
      keys?[Key(key.key, isProtected: key.isProtected)] = Conditions(
        expires: key.isExpired ? past : nil)
    }
  }

  /// Lists get their numbers in the order of their names, which must be that of the model.
  private static func name(_ list: Int) -> ListName { try! ListName("list-\(1000 + list)") }
}
