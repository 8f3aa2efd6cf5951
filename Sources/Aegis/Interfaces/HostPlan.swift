/// What makes a host what its document declares, beside the policy.
public struct HostPlan: Sendable {
  public struct Attaching: Sendable, Equatable {
    public let name: String
    public let mode: AttachMode

    public init(name: String, mode: AttachMode) {
      self.name = name
      self.mode = mode
    }
  }

  /// Whether nothing is loaded yet.
  public let isLoading: Bool
  /// What is loaded, or is going to be.
  public let present: Capacity
  public let wanted: Capacity
  public let attaching: [Attaching]
  public let detaching: [Attachment]
  /// Declared by their name, and not in this network namespace.
  public let missing: [String]
  /// Interfaces that are attached as declared.
  public let unchanged: Int

  /// Whether the capacities take a replacement of the program.
  public var needsReplacement: Bool { !isLoading && present != wanted }

  /// - Parameters:
  ///   - datapath: nil where nothing is loaded.
  ///   - pruning: Interfaces of this network namespace that are attached and not declared are detached.
  public init(
    _ host: HostDeclaration, of datapath: Datapath?, pruning: Bool
  ) throws(AegisError) {
    isLoading = datapath == nil
    present = try datapath?.capacity() ?? host.capacities.applied(to: Capacity())
    wanted = host.capacities.applied(to: present)
    let attachments = try datapath.map { datapath throws(AegisError) in
      try Interfaces(datapath).attachments().filter { !$0.isElsewhere }
    }
    guard let interfaces = host.interfaces else {
      (attaching, detaching, missing, unchanged) = ([], [], [], 0)
      return
    }
    // A pattern never means the loopback, nor what has no Ethernet header.
    var chosen: [Attaching] = []
    var missing: [String] = []
    let (all, attachable) = (Interfaces.names, Interfaces.attachable.filter { $0 != "lo" })
    for interface in interfaces {
      let names =
        interface.isPattern
        ? attachable.filter(interface.matches) : Self.own(interface.name, among: all)
      if names.isEmpty, !interface.isPattern { missing.append(interface.name) }
      for name in names where !chosen.contains(where: { $0.name == name }) {
        chosen.append(Attaching(name: name, mode: interface.mode))
      }
    }
    let attached = (attachments ?? []).filter { $0.isAttached && $0.isDeclared && !$0.isMoved }
    attaching = chosen.filter { wanted in
      !attached.contains {
        $0.name == wanted.name && (wanted.mode == .auto || wanted.mode == $0.mode)
      }
    }
    // One that has a new name is not to lose its filter: first the name in the document must be right.
    detaching =
      pruning && missing.isEmpty
      ? (attachments ?? []).filter { attachment in
        (attachment.isAttached || attachment.isDeclared)
          && !chosen.contains { $0.name == attachment.name }
      } : []
    self.missing = missing
    unchanged = chosen.count - attaching.count
  }

  private static func own(_ name: String, among all: [String]) -> [String] {
    let name = Interfaces.ownName(of: name)
    return all.contains(name) ? [name] : []
  }
}
