internal import Linux

/// Which packets an attached program sees.
struct IngressPaths {
  private let interfaces: Set<UInt32>

  /// - Parameter interfaces: By index, all that the program is attached to.
  init(_ interfaces: Set<UInt32>) {
    self.interfaces = interfaces
  }

  /// Whether packets may come through one of the interfaces: the way to their source leads over it, or over a
  /// virtual one that may itself run over it. What cannot be found out may.
  func see(_ flow: GuardedFlow) -> Bool {
    if interfaces.isEmpty { return false }
    do {
      guard let ifindex = try route(to: flow) else {
        // Whom no answer reaches, no packet comes from; but rules may route a connection by its own address.
        return flow.isConnected || flow.origin != nil || flow.source.isLinkLocal
      }
      if interfaces.contains(ifindex) { return true }
      guard let link = try LinkInfo.of(ifindex), let kind = link.kind else { return false }
      // Rules that route by mark keep what a tunnel sends out of the tunnel itself.
      if case .tunnel(link.name) = flow.role { return true }
      // A veth pair's end is as good as physical: nothing attached lies below it. Below a tunnel other packets are
      // seen, those of its other ends, which are watched themselves.
      return kind != "veth" && !Tunnel.kinds.contains(kind)
    } catch {
      return true
    }
  }

  /// The interface that they come in by; nil where that cannot be told.
  private func route(to flow: GuardedFlow) throws(SystemError) -> UInt32? {
    if let known = flow.ifindex { return known }
    if flow.origin != nil || flow.source.isLinkLocal { return nil }
    let address = flow.source.networkOrder
    if let local = flow.local?.networkOrder, local.count == address.count,
      let found = try Routes.interface(to: address, from: local)
    {
      return found
    }
    return try Routes.interface(to: address)
  }
}
