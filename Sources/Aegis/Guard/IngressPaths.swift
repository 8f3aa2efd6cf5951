internal import Linux

/// Which packets an attached program sees.
struct IngressPaths {
  private let interfaces: Set<UInt32>

  /// - Parameter interfaces: The indexes of all interfaces that the program is attached to.
  init(_ interfaces: Set<UInt32>) {
    self.interfaces = interfaces
  }

  /// Whether packets may come in through one of the interfaces: the route to their source leads over it, or over a
  /// virtual interface that may itself use it. If this cannot be determined, it returns true.
  func see(_ flow: GuardedFlow) -> Bool {
    if interfaces.isEmpty { return false }
    do {
      guard let ifindex = try route(to: flow) else {
        // A source without a route back sends nothing, but rules may route a connection by its local address.
        return flow.isConnected || flow.origin != nil || flow.source.isLinkLocal
      }
      if interfaces.contains(ifindex) { return true }
      guard let link = try LinkInfo.of(ifindex), let kind = link.kind else { return false }
      // Rules that route by mark keep a tunnel's own packets out of the tunnel.
      if case .tunnel(link.name) = flow.role { return true }
      // The end of a veth pair counts as physical: no attached interface is below it. Below a tunnel other packets are
      // visible, those of its remote ends, which are guarded themselves.
      return kind != "veth" && !Tunnel.kinds.contains(kind)
    } catch {
      return true
    }
  }

  /// The interfaces that packets may come in by: all of them, unless the route to their source leads over one.
  func arrivals(of flow: GuardedFlow) -> [UInt32] {
    if let known = (try? route(to: flow)).flatMap(\.self), interfaces.contains(known) {
      return [known]
    }
    return interfaces.sorted()
  }

  /// Whether packets are known to come in by one of the interfaces itself.
  func carry(_ flow: GuardedFlow) -> Bool {
    (try? route(to: flow)).flatMap(\.self).map(interfaces.contains) ?? false
  }

  /// The interface that they come in by; nil if that cannot be determined.
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
