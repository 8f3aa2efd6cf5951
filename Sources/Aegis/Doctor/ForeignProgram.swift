internal import BPF
internal import CAegis
internal import Linux

/// The XDP program of an interface, and its owner.
struct ForeignProgram: Sendable, Equatable {
  enum Owner: Sendable, Equatable {
    /// Another instance of Aegis, pinned at a root if it was found.
    case aegis(root: String?)
    /// libxdp's dispatcher, which runs other programs in turn.
    case dispatcher
    /// A program that hands packets to AF_XDP sockets.
    case sockets
    /// A link of this number, which lasts as long as a process holds it.
    case link(UInt32)
    case netlink
  }

  let program: UInt32
  /// Name and tag; nil if the caller may not see them.
  let name: String?
  let tag: String?
  let mode: AttachMode
  let owner: Owner

  var description: String {
    guard let name, let tag else { return "the XDP program \(program) in \(mode.rawValue) mode" }
    let id = "id \(program), tag \(tag)"
    return "the XDP program \"\(name)\" (\(id)) in \(mode.rawValue) mode"
  }

  /// Who attached it, as a clause.
  var ownerText: String {
    switch owner {
    case .aegis(let root): "of another instance of Aegis" + (root.map { " at \($0)" } ?? "")
    case .dispatcher: "of libxdp"
    case .sockets: "for AF_XDP sockets"
    case .link(let id): "held by link \(id)"
    case .netlink: "attached by netlink"
    }
  }

  /// The command that removes it.
  func removal(from interface: String) -> String {
    let kind = ["generic": "xdpgeneric", "offload": "xdpoffload"][mode.rawValue] ?? "xdp"
    return switch owner {
    case .aegis(let root?): "aegisctl detach \(ShellWord(interface)) --pin-root \(root)"
    case .aegis(nil): "find the link with bpftool link list, and remove its pin"
    case .dispatcher: "xdp-loader unload \(ShellWord(interface)) --all"
    case .sockets: "find the process with ss -p --xdp, and stop it"
    case .link(let id): "bpftool link detach id \(id)"
    case .netlink: "ip link set dev \(ShellWord(interface)) \(kind) off"
    }
  }
}

extension ForeignProgram {
  /// The program of an interface; nil if there is none.
  static func find(on ifindex: UInt32) throws(SystemError) -> ForeignProgram? {
    guard let attached = try XDPQuery.attached(to: ifindex) else { return nil }
    let info = try? BPFProgram.open(id: attached.programID)?.info()
    let link = try? BPFLink.search(ifindex: ifindex, program: attached.programID).first
    return ForeignProgram(
      program: attached.programID, name: info?.name, tag: info?.tagText,
      mode: AttachMode(attached.mode), owner: owner(info, link: link ?? nil, ifindex))
  }

  private static func owner(_ info: ProgramInfo?, link: UInt32?, _ ifindex: UInt32) -> Owner {
    if info?.name == "xdp_dispatcher" { return .dispatcher }
    if let name = info?.name, [AEGIS_PROGRAM, TimedBuild.name].contains(name), let link {
      return .aegis(root: root(holding: link, ifindex))
    }
    if let info, info.mapIDs.contains(where: isSocketMap) { return .sockets }
    return link.map(Owner.link) ?? .netlink
  }

  private static func isSocketMap(_ id: UInt32) -> Bool {
    (try? AnyBPFMap.open(id: id)?.info().isSocketMap) == true
  }

  /// Where instances are usually pinned.
  private static func root(holding link: UInt32, _ ifindex: UInt32) -> String? {
    let directory = "/sys/fs/bpf"
    let names = (try? FileSystem.list(directory)) ?? []
    return names.lazy.map { PinRoot(directory + "/" + $0) }.first { root in
      (try? BPFLink(pinnedAt: root.link(ifindex)).info().id) == link
    }?.path
  }
}
