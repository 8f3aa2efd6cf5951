internal import BPF
internal import CAegis

extension PinRepair {
  /// The program in force, and whether it is the one that is pinned.
  ///
  /// - Throws: `failed` if the kernel holds it no more.
  func program() throws(AegisError) -> (info: ProgramInfo, isPinned: Bool) {
    if let pinned = try? BPFProgram(pinnedAt: directory + "/" + AEGIS_PROGRAM).info(),
      isOurs(pinned)
    {
      return (pinned, true)
    }
    let links = (try? BPFFS.list(datapath.root.links)) ?? []
    for link in links {
      guard let id = try? XDPLink(pinnedAt: datapath.root.links + "/" + link).info().programID,
        let info = try? BPFProgram.open(id: id)?.info(), isOurs(info)
      else { continue }
      return (info, false)
    }
    throw AegisError(
      .failed, "the program of \(datapath.root) is gone: neither pinned nor attached",
      hint: "aegisctl unload --force, load and attach again; dump what is to be kept first")
  }

  /// Whether it is called as ours is and uses a map that is pinned here.
  private func isOurs(_ info: ProgramInfo) -> Bool {
    info.name == AEGIS_PROGRAM && maps(of: info).contains { pinnedMap($0.key) == $0.value }
  }

  /// The numbers of the maps that a program uses, by their names.
  func maps(of info: ProgramInfo) -> [String: UInt32] {
    info.mapIDs.reduce(into: [:]) { maps, id in
      guard let name = try? AnyBPFMap.open(id: id)?.info().name else { return }
      maps[name] = id
    }
  }

  func pinnedMap(_ name: String) -> UInt32? {
    try? AnyBPFMap(pinnedAt: directory + "/" + name).info().id
  }
}
