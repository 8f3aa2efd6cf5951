internal import BPF

/// Which packets an attached program sees.
struct Ways {
  private let interfaces: Set<UInt32>

  /// - Parameter interfaces: By index, all that the program is attached to.
  init(_ interfaces: Set<UInt32>) {
    self.interfaces = interfaces
  }

  /// Whether packets may come through one of the interfaces: the way to their source leads over it, or over a
  /// virtual one that may itself run over it. What cannot be found out may.
  func see(_ watched: Watched) -> Bool {
    if interfaces.isEmpty { return false }
    let ifindex: UInt32
    if let known = watched.ifindex {
      ifindex = known
    } else {
      if watched.origin != nil || watched.source.isLinkLocal { return true }
      do {
        guard let found = try Routes.interface(to: watched.source.networkOrder) else {
          // Whom no answer reaches, no packet comes from; but rules may route a connection by its own address.
          return watched.isConnected
        }
        ifindex = found
      } catch {
        return true
      }
    }
    if interfaces.contains(ifindex) { return true }
    do {
      // A veth pair's end is as good as physical: nothing attached lies below it. Below a tunnel other packets are
      // seen, those of its other ends, which are watched themselves.
      let kind = try LinkInfo.of(ifindex)?.kind
      return kind.map { $0 != "veth" && !Tunnel.kinds.contains($0) } ?? false
    } catch {
      return true
    }
  }
}
