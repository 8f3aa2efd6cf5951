/// A flow that a change would cut off.
struct LockOut {
  enum Cause {
    case drop(Prefix)
    case noKey
    case rule(RuleName)
    case rate(Rate, isTotal: Bool, of: String)
    case keyRate(AllowKey, Rate)
    /// No key can help.
    case notIP
    /// The host itself no longer uses the interface.
    case wire
    /// The operator's own program decides, and does not let it pass.
    case hook

    var isHook: Bool {
      if case .hook = self { true } else { false }
    }
  }

  let flow: GuardedFlow
  let cause: Cause

  /// Whether no key would help.
  var isHopeless: Bool {
    switch cause {
    case .notIP, .wire: true
    default: false
    }
  }

  fileprivate var isByWire: Bool {
    if case .wire = cause { true } else { false }
  }

  /// Whether a plain key would not be enough.
  var needsProtection: Bool {
    guard case .noKey = cause else { return true }
    return switch flow.role {
    case .nameServer, .timeServer, .lease: false
    default: true
    }
  }
}

extension LockOut: CustomStringConvertible {
  var description: String { "\(flow) (\(reason))" }

  private var reason: String {
    switch cause {
    case .drop(let prefix) where flow.origin != nil: "\(prefix) is dropped"
    case .drop(let prefix):
      prefix.isHost ? "its address is dropped" : "it is in \(prefix), which is dropped"
    case .noKey:
      switch flow.role {
      case .nameServer where flow.direction == .in: "no key allows its answers"
      case .lease where flow.direction == .in: "no key allows the answers that renew it"
      default: "no key allows it"
      }
    case .rule(let name): "rule \(name) drops it"
    case .rate(let rate, let isTotal, let packets):
      "the \(isTotal ? "total " : "")rate \(rate) for \(packets) is too low for it"
    case .notIP: "its frames are not IP, and no key can allow them"
    case .wire: "it comes by a port of the wire, which this host no longer uses"
    case .hook: "the program of set-hook does not let it pass"
    case .keyRate(let key, let rate): "the rate \(rate) of \(key) is too low for it"
    }
  }
}

extension AegisError {
  private static let mostNamed = 5
  /// An overlay has many peers, and each needs its key.
  private static let mostHinted = 64

  /// An error that names what would be cut off, and the keys that would prevent it.
  ///
  /// - Parameter profile: The one that would.
  static func wouldLockOut(
    _ cut: [LockOut], by plan: Plan, in profile: Profile = .main
  ) -> AegisError {
    let named = cut.prefix(mostNamed).map(\.description)
    let more = cut.count > mostNamed ? ["\(cut.count - mostNamed) more"] : []
    return AegisError(
      .wouldLockOut,
      (profile.isMain ? "this" : "with profile \(profile.name) in force, this")
        + " would cut off " + (named + more).joined(separator: ", "),
      hint: hint(cut, by: plan) + ", or --force")
  }

  private static func hint(_ cut: [LockOut], by plan: Plan) -> String {
    let direction = cut.contains { $0.flow.direction == .out } ? Direction.out : .in
    let removed = plan.steps.removedKeys
    let known = cut.prefix(mostHinted).filter { !$0.flow.isUnknownPeer && !$0.isHopeless }
    let protected = known.filter(\.needsProtection).map(\.flow.key).uniqued()
    let plain = known.filter { !$0.needsProtection }.map(\.flow.key).uniqued()
      .filter { key in !protected.contains { $0.source == key.source && $0.protocol == nil } }
    let kept = (protected + plain).filter(removed.contains)
    var steps: [String] = []
    if plan.isDeclared {
      // The same plan would remove a key that was added by hand.
      let keys = protected.map { "- {key: '\($0)', protect: true}" } + plain.map { "- '\($0)'" }
      if !keys.isEmpty {
        steps.append(
          "add under \(direction == .out ? "out, " : "")keys: \(keys.joined(separator: " and "))")
      }
    } else {
      if !kept.isEmpty { steps.append("keep \(words(kept))") }
      steps += command(protected.filter { !removed.contains($0) }, " --protect\(direction.option)")
      steps += command(plain.filter { !removed.contains($0) }, direction.option)
    }
    steps += unknownPeers(cut.map(\.flow))
    if cut.contains(where: \.isByWire) { return "reach this host by another interface" }
    if cut.contains(where: \.isHopeless) { steps.append("keep the default at allow") }
    if cut.count > mostHinted { steps.append("likewise for the others") }
    return steps.joined(separator: " && ")
  }

  /// The commands that exempt the other ends of tunnels from everything.
  static func exemption(of ends: [GuardedFlow]) -> String {
    let known = ends.prefix(mostHinted).filter { !$0.isUnknownPeer }.map(\.key).uniqued()
    return (command(known, " --protect") + unknownPeers(ends)).joined(separator: " && ")
  }

  private static func unknownPeers(_ flows: [GuardedFlow]) -> [String] {
    flows.filter(\.isUnknownPeer).map(\.key).uniqued().map { key in
      "aegisctl allow-key PEER\("\(key)".dropFirst("any".count)) --protect for each peer"
    }
  }

  private static func command(_ keys: [AllowKey], _ flag: String) -> [String] {
    keys.isEmpty ? [] : ["aegisctl allow-key \(words(keys))\(flag)"]
  }

  /// The keys as shell words; unquoted brackets would be a pattern.
  private static func words(_ keys: [AllowKey]) -> String {
    keys.map { key in
      let text = "\(key)"
      return text.hasPrefix("[") ? "'\(text)'" : text
    }.joined(separator: " ")
  }
}
