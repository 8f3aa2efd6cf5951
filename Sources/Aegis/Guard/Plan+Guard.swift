internal import Linux

/// The properties of a plan that the lock-out guard uses.
extension [Plan.Step] {
  /// Whether some packets may have passed before and not pass after.
  var mayCutOff: Bool {
    contains { step in
      switch step {
      case .mode(let mode): mode == .enforce
      case .defaultAction(let action): action == .deny
      // The range of ports may be another one.
      case .replies: true
      case .deadline(let time): time == nil
      case .sourcePrefix, .forgetLists, .removeDrops(_, .manual): false
      // A rule may let in what a list of action none has.
      case .removeDrops: true
      case .lists(let changes): changes.contains { $0.after?.isEnforced == true }
      case .putDrops(let drops, _): drops.contains(where: \.isEnforced)
      case .rates, .rules, .classes, .putKeys, .removeKeys: true
      case .nameClasses, .forgetClasses: false
      }
    }
  }

  /// Whether this may be true for packets of a flow.
  func concern(_ flow: GuardedFlow) -> Bool {
    let address = flow.source
    return contains { step in
      switch step {
      case .putDrops(let drops, _):
        drops.contains { $0.isEnforced && $0.element.contains(address) }
      case .putKeys(let keys), .removeKeys(let keys):
        flow.origin != nil
          || keys.contains { $0.element.key.source?.contains(address) ?? true }
      default: [step].mayCutOff
      }
    }
  }

  /// The steps with only those drops that cover one of the addresses.
  func narrowed(to addresses: Set<IPAddress>) -> [Plan.Step] {
    func narrow(_ drops: [Plan.Difference<Prefix>]) -> [Plan.Difference<Prefix>] {
      drops.filter { drop in
        drop.element.isHost
          ? addresses.contains(drop.element.address)
          : addresses.contains { drop.element.contains($0) }
      }
    }
    return map { step in
      switch step {
      case .putDrops(let drops, let list): .putDrops(narrow(drops), list)
      case .removeDrops(let drops, let list): .removeDrops(narrow(drops), list)
      default: step
      }
    }
  }

  /// The hosts that the steps drop, if they do nothing else and drop only a few: then only these need to be checked.
  var fewHosts: [IPAddress]? {
    var hosts: [IPAddress] = []
    for step in self {
      guard case .putDrops(let drops, _) = step, hosts.count + drops.count <= Self.few,
        drops.allSatisfy(\.element.isHost)
      else { return nil }
      hosts += drops.map(\.element.address)
    }
    return hosts.isEmpty ? nil : hosts
  }

  private static var few: Int { 16 }

  /// All keys after the steps.
  func keys(after present: [AllowKey]) -> [AllowKey] {
    var (put, gone): (Set<AllowKey>, Set<AllowKey>) = ([], [])
    for step in self {
      switch step {
      case .putKeys(let keys): put.formUnion(keys.map(\.element.key))
      case .removeKeys(let keys): gone.formUnion(keys.map(\.element.key))
      default: break
      }
    }
    return present.filter { !gone.contains($0) && !put.contains($0) } + put
  }

  /// Keys that no longer exist after the steps.
  var removedKeys: Set<AllowKey> {
    let gone = flatMap { step -> [AllowKey] in
      if case .removeKeys(let keys) = step { keys.map(\.element.key) } else { [] }
    }
    return Set(gone).subtracting(keys(after: []))
  }
}

extension Plan {
  /// Whether it changes what becomes of packets that no entry names.
  public var mayCutSockets: Bool {
    steps.contains { step in
      switch step {
      case .defaultAction(.deny), .mode(.enforce), .replies: true
      default: false
      }
    }
  }

  /// The same plan, with the ports of replies as the host has them now. If it lets replies pass, they may have changed
  /// since they were stored.
  public func refreshingPorts(
    ifPassing passes: Bool?, of datapath: Datapath
  ) throws(AegisError) -> Plan {
    guard passes == true, !steps.contains(.replies(true)),
      let ports = try PolicyDefaults(datapath).replyPorts(), ports != LocalPorts.now
    else { return self }
    return with([.replies(true)] + steps)
  }
}

extension Plan.Difference<Prefix> {
  fileprivate var isEnforced: Bool { after.map { !$0.isMonitored } ?? false }
}
