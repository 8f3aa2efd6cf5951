extension Interfaces {
  /// Attaches an interface as wanted, with the other port if it is a port of a wire.
  public func attach(
    _ wanted: HostPlan.Attaching, in session: borrowing Session
  ) throws(AegisError) -> AttachOutcome {
    guard let wire = wanted.wire else {
      return try attach(wanted.name, mode: wanted.mode, in: session)
    }
    return try attach(wanted.name, wire: wire, mode: wanted.mode, in: session)
  }

  /// Whether packets of all these interfaces, by their own names, go through the datapath as wanted.
  public func areAttached(_ wanted: [HostPlan.Attaching]) throws(AegisError) -> Bool {
    let here = try attachments().filter { $0.isAttached && $0.isDeclared && !$0.isElsewhere }
    return wanted.allSatisfy { wanted in
      here.contains { $0.name == wanted.name && $0.declaredWire == wanted.wire }
    }
  }
}

/// The changes that bring a host to the state of its document, apart from the policy.
public struct HostPlan: Sendable {
  public struct Attaching: Sendable, Equatable {
    public let name: String
    public let mode: AttachMode
    /// The other port, if it is a port of a wire.
    public let wire: WireOptions?

    public init(name: String, mode: AttachMode, wire: WireOptions? = nil) {
      self.name = name
      self.mode = mode
      self.wire = wire
    }

    /// The interfaces that it attaches.
    public var names: [String] { [name] + (wire.map { [$0.peer] } ?? []) }

    /// Whether an interface is attached so.
    func matches(_ other: Attachment) -> Bool {
      other.name == name && (mode == .auto || mode == other.mode) && wire == other.declaredWire
    }
  }

  /// Whether nothing is loaded yet.
  public let isLoading: Bool
  /// The capacity of the loaded datapath, or of the one that will be loaded.
  public let present: Capacity
  public let wanted: Capacity
  public let attaching: [Attaching]
  public let detaching: [Attachment]
  /// Interfaces that are declared by name but are not in this network namespace.
  public let missing: [String]
  /// Interfaces that are attached as declared.
  public let unchanged: Int

  /// Whether the new capacities require a replacement of the program.
  public var needsReplacement: Bool { !isLoading && present != wanted }

  /// - Parameters:
  ///   - datapath: nil if nothing is loaded.
  ///   - pruning: Whether to detach interfaces of this network namespace that are attached and not declared.
  public init(
    _ host: HostDeclaration, of datapath: Datapath?, pruning: Bool
  ) throws(AegisError) {
    isLoading = datapath == nil
    present = try datapath?.capacity() ?? host.capacities.applied(to: Capacity())
    wanted = host.capacities.applied(to: present)
    let attachments =
      try datapath.map { datapath throws(AegisError) in
        try Interfaces(datapath).attachments().filter { !$0.isElsewhere }
      } ?? []
    guard let interfaces = host.interfaces else {
      (attaching, detaching, missing, unchanged) = ([], [], [], 0)
      return
    }
    // A pattern never matches the loopback, nor an interface without an Ethernet header.
    var chosen: [Attaching] = []
    var missing: [String] = []
    let (all, attachable) = (Interfaces.names, Interfaces.attachable.filter { $0 != "lo" })
    for interface in interfaces {
      let names =
        interface.isPattern
        ? attachable.filter(interface.matches) : Self.own(interface.name, among: all)
      if names.isEmpty, !interface.isPattern { missing.append(interface.name) }
      for name in names where !chosen.contains(where: { $0.name == name }) {
        chosen.append(Attaching(name: name, mode: interface.mode, wire: interface.wire))
      }
    }
    let attached = attachments.filter { $0.isAttached && $0.isDeclared && !$0.isMoved }
    let peers = chosen.compactMap(\.wire?.peer)
    missing += peers.filter { !all.contains($0) }
    chosen.removeAll { $0.wire.map { !all.contains($0.peer) } ?? false }
    attaching = chosen.filter { wanted in !attached.contains(where: wanted.matches) }
    // A renamed interface must not lose its filter: the name in the document must be corrected first.
    detaching =
      pruning && missing.isEmpty
      ? attachments.filter { attachment in
        (attachment.isAttached || attachment.isDeclared)
          && !chosen.contains { $0.names.contains(attachment.name) }
      } : []
    self.missing = missing
    unchanged = chosen.count - attaching.count
  }

  private static func own(_ name: String, among all: [String]) -> [String] {
    let name = Interfaces.ownName(of: name)
    return all.contains(name) ? [name] : []
  }
}
