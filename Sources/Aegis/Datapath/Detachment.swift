internal import BPF
internal import CAegis
internal import Linux

/// Detaches the programs of a root from all interfaces, including those whose links lost their pins.
struct Detachment {
  /// A link without a known pin.
  struct Stray: CustomStringConvertible {
    let link: UInt32
    let ifindex: UInt32

    var description: String { "interface \(ifindex) by the link \(link), which has lost its pin" }
  }

  private let root: PinRoot
  private let programs: Set<UInt32>
  private static let names = [AEGIS_PROGRAM, TimedBuild.name] + TrafficProgram.names

  init(_ root: PinRoot) throws(AegisError) {
    self.root = root
    let directories = try kernel { () throws(SystemError) in try FileSystem.listUnlinked(root.path)
    }
    .filter { $0 == PinRoot.measuringName || Generations.number(of: $0) != nil }
    let pins = directories.flatMap { directory in
      Self.names.map { "\(root.path)/\(directory)/\($0)" }
    }
    let links = try root.linkPins().compactMap {
      try? BPFLink(pinnedAt: root.links + "/" + $0).info().programID
    }
    let linked = links.filter { id in
      let name = (try? BPFProgram.open(id: id)?.info().name) ?? nil
      return name.map(Self.names.contains) ?? false
    }
    programs = Set(pins.compactMap { try? BPFProgram(pinnedAt: $0).info().id } + linked)
  }

  /// The strays that the caller may see; finding them needs CAP_SYS_ADMIN.
  var strays: [Stray] {
    let pinned = ((try? root.linkPins()) ?? []).compactMap {
      try? BPFLink(pinnedAt: root.links + "/" + $0).info().id
    }
    let found = (try? BPFLink.search(programs: programs)) ?? []
    return found.filter { !pinned.contains($0.id) }.map { Stray(link: $0.id, ifindex: $0.ifindex) }
  }

  /// - Parameter links: The names of pins below `links`.
  /// - Throws: The first error, after all links were tried.
  func detach(_ links: [String]) throws(AegisError) {
    var failed: SystemError?
    for stray in strays {
      do throws(SystemError) { try BPFLink.open(id: stray.link)?.detach() } catch { failed = error }
    }
    for name in links {
      do throws(SystemError) { try detach(root.links + "/" + name) } catch {
        failed = failed ?? error
      }
    }
    for (link, flags) in filters() {
      do throws(SystemError) { try link.removeFilter(flags: flags) } catch {
        failed = failed ?? error
      }
    }
    if let failed { throw AegisError(failed) }
  }

  /// The filters of tc in this network namespace, with the flags of their interfaces as far as these can be read.
  private func filters() -> [(TrafficLink, flags: UInt32)] {
    let slots: BPFMap<UInt32, aegis_interface>? =
      try? BPFMap(pinnedAt: root.map(AEGIS_MAP_interfaces))
    let here = NetworkNamespace.currentInode()
    let known = ((try? slots?.entries()) ?? []).map(\.value).filter { $0.netns == here }
    return Interface.all().flatMap { index, _ in
      let flags = known.first { $0.ifindex == index }?.flags ?? 0
      return Direction.allCases.map { (TrafficLink($0, of: index, at: root), flags) }
    }
  }

  private func detach(_ path: String) throws(SystemError) {
    // Anything that is not a link is only in the way.
    if let link = try? BPFLink(pinnedAt: path), link.isLink, try link.info().ifindex != 0 {
      try link.detach()
    }
    try FileSystem.removeTree(path)
  }

  /// - Throws: `failed` if an interface here still runs one of the programs.
  func check() throws(AegisError) {
    for (index, name) in Interface.all() {
      for direction in Direction.allCases {
        let left = direction.hook.programs(of: index).first(where: programs.contains)
        guard let left else { continue }
        throw AegisError(
          .failed, "unloaded, but \(name) still runs the program \(left) behind tc",
          hint: "find its link with bpftool link list, and detach it")
      }
      guard let found = try? ForeignProgram.find(on: index), programs.contains(found.program) else {
        continue
      }
      throw AegisError(
        .failed, "unloaded, but \(name) still runs the program, \(found.ownerText)",
        hint: found.removal(from: name))
    }
  }
}
