internal import BPF
internal import CAegis
internal import Linux

extension PinRepair {
  /// The program in force, and whether it is the one that is pinned.
  ///
  /// - Throws: `failed` if the kernel no longer holds it.
  func program(
    using pinned: [String: MapInfo]
  ) throws(AegisError) -> (info: ProgramInfo, isPinned: Bool) {
    let maps = Set(pinned.values.map(\.id))
    func isOurs(_ info: ProgramInfo) -> Bool {
      info.name == AEGIS_PROGRAM && (maps.isEmpty || !maps.isDisjoint(with: info.mapIDs))
    }
    if let info = try? BPFProgram(pinnedAt: directory + "/" + AEGIS_PROGRAM).info(), isOurs(info) {
      return (info, true)
    }
    if let info = try? BPFProgram(pinnedAt: root.measuringProgram).info(), isOurs(info) {
      return (info, false)
    }
    let links = (try? root.linkPins()) ?? []
    for link in links {
      guard let id = try? BPFLink(pinnedAt: root.links + "/" + link).info().programID,
        let info = try? BPFProgram.open(id: id)?.info(), isOurs(info)
      else { continue }
      return (info, false)
    }
    throw AegisError(
      .failed, "the program of \(root) is gone: neither pinned nor attached",
      hint:
        "save what you need with aegisctl dump, then aegisctl unload --force, load and attach again"
    )
  }

  /// The programs behind tc that links run, and whose pins are missing or belong to another object.
  func unpinnedTraffic(using pinned: [String: MapInfo]) -> [(direction: Direction, id: UInt32)] {
    Direction.allCases.compactMap { direction in
      let name = TrafficProgram.name(direction)
      let pin = TrafficProgram.pin(direction, in: directory)
      if (try? BPFProgram(pinnedAt: pin).info().name) == name { return nil }
      let slots = pinned[AEGIS_MAP_interfaces.name]?.id
      let running = ((try? root.linkPins()) ?? []).lazy.compactMap { link in
        try? BPFLink(pinnedAt: root.links + "/" + link).info().programID
      }
      let id = running.first { id in
        guard let info = (try? BPFProgram.open(id: id)?.info()) ?? nil else { return false }
        return info.name == name && slots.map(info.mapIDs.contains) ?? false
      }
      return id.map { (direction, $0) }
    }
  }

  /// The maps of the program for what leaves; none if it is not loaded.
  func mapsOfProgramOut(using pinned: [String: MapInfo]) -> [UInt32] {
    let running = unpinnedTraffic(using: pinned).first { $0.direction == .out }?.id
    let pin = TrafficProgram.pin(.out, in: root.current)
    let info =
      running.map { try? BPFProgram.open(id: $0)?.info() }
      ?? (try? BPFProgram(pinnedAt: pin).info())
    return info?.mapIDs ?? []
  }

  /// The objects that are pinned under the names of our maps.
  func pinnedMaps(_ names: [String]) -> [String: MapInfo] {
    names.reduce(into: [:]) { maps, name in
      maps[name] = try? AnyBPFMap(pinnedAt: directory + "/" + name).info()
    }
  }

  /// The numbers of the maps that a program uses and that are not pinned under their names. Only these are opened by
  /// number, which needs CAP_SYS_ADMIN.
  func unpinnedMaps(
    of ids: [UInt32], _ pinned: [String: MapInfo]
  ) throws(AegisError) -> [String: UInt32] {
    let known = Set(pinned.filter { $0.key == $0.value.name }.map(\.value.id))
    var unpinned: [String: UInt32] = [:]
    for id in ids where !known.contains(id) {
      if let map = try opened(id) { unpinned[map.name] = id }
    }
    return unpinned
  }

  private func opened(_ id: UInt32) throws(AegisError) -> MapInfo? {
    do {
      return try AnyBPFMap.open(id: id)?.info()
    } catch {
      guard error.isPermission else { throw AegisError(error) }
      throw AegisError(
        .notPermitted, error.description,
        hint: "run it as root: opening objects without a pin requires CAP_SYS_ADMIN")
    }
  }
}
