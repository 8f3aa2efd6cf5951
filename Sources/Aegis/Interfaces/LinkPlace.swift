internal import BPF

/// A link that runs a program on an interface. The kernel reports the interface's index but not its network namespace.
struct LinkPlace: Hashable {
  let id: UInt32
  let program: UInt32
  let ifindex: UInt32
  /// The index of the interface when it was attached.
  let pin: UInt32
  /// Whether it was attached in the caller's network namespace.
  let isHome: Bool
  /// Where it runs behind tc; nil for XDP.
  var direction: Direction?

  /// The links whose interface is in the caller's network namespace.
  ///
  /// - Parameter runs: Whether an interface of that index is here and runs that program in that place.
  static func here(
    _ links: [LinkPlace], runs: (LinkPlace) -> Bool
  ) -> Set<LinkPlace> {
    let groups = Dictionary(grouping: links) { [$0.ifindex, $0.program] }.values
    return Set(groups.compactMap { runs($0[0]) ? chosen(among: $0) : nil })
  }

  /// Of several links that run the same program on interfaces of the same index, each in another namespace, the one in
  /// this namespace: one that never moved, or else the only one that did. nil if this cannot be determined.
  private static func chosen(among links: [LinkPlace]) -> LinkPlace? {
    if links.count == 1 { return links[0] }
    if let home = links.first(where: { $0.isHome && $0.hasItsIndex }) { return home }
    let moved = links.filter { $0.isHome || !$0.hasItsIndex }
    return moved.count == 1 ? moved[0] : nil
  }

  private var hasItsIndex: Bool { pin == ifindex }
}

extension LinkPlace {
  init(
    _ link: (id: UInt32, programID: UInt32, ifindex: UInt32), pin: UInt32, isHome: Bool,
    _ direction: Direction?
  ) {
    self.init(
      id: link.id, program: link.programID, ifindex: link.ifindex, pin: pin, isHome: isHome,
      direction: direction)
  }

  /// Whether an interface of its index in the caller's network namespace runs its program.
  var isSeen: Bool {
    if let direction { return direction.hook.programs(of: ifindex).contains(program) }
    return (try? XDPQuery.attached(to: ifindex))?.programID == program
  }
}
