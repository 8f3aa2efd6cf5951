internal import CAegis

/// Packets without a single known source: from a DHCP server, or from unknown peers. They are judged by sample
/// addresses.
struct UnknownPeers {
  /// The maximum number of keys whose sources are judged, and of addresses tried for each.
  private static let most = 64

  private let flow: GuardedFlow
  private let origin: Prefix
  private let policy: ProspectivePolicy
  /// Keys that were made for these packets, or that let in all their possible sources.
  private let named: [AllowKey]
  /// The sources of all keys that let in packets like these, in order.
  private let sources: [Prefix]

  init(
    _ flow: GuardedFlow, from origin: Prefix, under policy: ProspectivePolicy
  ) throws(AegisError) {
    self.flow = flow
    self.origin = origin
    self.policy = policy
    let keys = try policy.keys().filter { $0.letsIn(flow) }
    named = keys.filter { $0.means(flow, from: origin) }
    sources = keys.compactMap(\.source).sorted()
  }

  /// Why the packets would not come in, or too few of them; nil if enough would.
  func cause() throws(AegisError) -> LockOut.Cause? {
    if try areExempt() { return nil }
    if try policy.passesEverything { return nil }
    if let prefix = try policy.host.drop(of: origin) { return .drop(prefix) }
    let family = origin.address.width
    let own = named.filter { $0.source.map { $0.address.width == family } ?? true }
    if own.isEmpty { return try causeOfUnnamed() }
    var first: LockOut.Cause?
    for key in own.prefix(Self.most) {
      switch try cause(within: base(of: key)) {
      case nil: return nil
      // A drop of only some of the sources is intended.
      case .drop: break
      case let cause?: first = first ?? cause
      }
    }
    return first
  }

  func areExempt() throws(AegisError) -> Bool {
    for key in named.prefix(Self.most) {
      guard let address = address(within: base(of: key), besides: []) else { continue }
      let judgement = try policy.judge(flow, from: address)
      if judgement.protectingKey?.means(flow, from: origin) ?? false { return true }
    }
    return false
  }

  private func causeOfUnnamed() throws(AegisError) -> LockOut.Cause? {
    let isDenied = try policy.has(aegis_stage.deny)
    switch try cause(within: origin) {
    case .drop: return isDenied && named.isEmpty ? .noKey : nil
    case .noKey: return named.isEmpty ? .noKey : nil
    case let cause: return cause
    }
  }

  /// The cause for an address that no drop of a part of the prefix covers, if there is one.
  private func cause(within base: Prefix) throws(AegisError) -> LockOut.Cause? {
    var dropped: [Prefix] = []
    var cause: LockOut.Cause?
    while dropped.count < Self.most, let address = address(within: base, besides: dropped) {
      cause = try policy.cause(of: policy.judge(flow, from: address), for: flow)
      guard case .drop(let prefix) = cause, base.contains(prefix), prefix.length > base.length
      else { return cause }
      dropped.append(prefix)
    }
    return cause
  }

  private func base(of key: AllowKey) -> Prefix {
    guard let source = key.source, !source.contains(origin) else { return origin }
    return source
  }

  /// The first address that is not in the source of a narrower key or in one of `dropped`; if there is none and
  /// `dropped` is empty, the first address of `base`.
  private func address(within base: Prefix, besides dropped: [Prefix]) -> IPAddress? {
    let narrower = (dropped.isEmpty ? sources : (sources + dropped).sorted()).filter {
      $0.length > base.length && base.contains($0)
    }
    var next = base.address.leftAligned
    for prefix in narrower where prefix.address.leftAligned <= next {
      let size = UInt128(1) << UInt128(128 - prefix.length)
      let (end, isOver) = prefix.address.leftAligned.addingReportingOverflow(size)
      if isOver { return dropped.isEmpty ? base.address : nil }
      next = max(next, end)
    }
    let address = base.address.replacing(leftAligned: next)
    if base.contains(address) { return address }
    return dropped.isEmpty ? base.address : nil
  }
}

extension AllowKey {
  fileprivate func letsIn(_ flow: GuardedFlow) -> Bool {
    (`protocol` == nil || `protocol` == flow.protocol)
      && ports.map { ports in flow.port.map(ports.contains) ?? false } ?? true
  }

  /// A key that names this port, or this protocol if there is no port, is meant for the flow: whoever added it
  /// knows the sources. Any other key must let in all sources.
  fileprivate func means(_ flow: GuardedFlow, from origin: Prefix) -> Bool {
    guard letsIn(flow) else { return false }
    guard let source else { return true }
    let isNamed = flow.port != nil ? ports != nil : `protocol` != nil
    return isNamed || source.contains(origin)
  }
}
