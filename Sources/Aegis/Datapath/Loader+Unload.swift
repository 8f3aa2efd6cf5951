internal import CAegis
internal import Glibc
internal import Linux

extension Loader {
  /// Removes every pin of the datapath; the kernel then frees the objects that nothing uses.
  ///
  /// - Parameter force: Detaches first, and removes everything else there, even of another layout or of a damaged
  ///   datapath.
  /// - Returns: Whether there was anything to remove.
  /// - Throws: What still filters, after the rest was removed.
  public func unload(force: Bool, in session: borrowing Session) throws(AegisError) -> Bool {
    if !force { try root.check() }
    let generations = Generations(root)
    let isLoaded = try generations.current != nil
    let links = try root.linkPins()
    let detachment = try Detachment(root)
    if !force, isLoaded || !links.isEmpty {
      let attached = try Interfaces(Datapath(toChangeAt: root)).attachments().filter(\.isAttached)
      let names = attached.isEmpty ? detachment.strays.map(\.description) : attached.map(\.label)
      if !names.isEmpty {
        throw AegisError(
          .failed, "the datapath is still attached to \(names.joined(separator: ", "))",
          hint: "aegisctl detach --all, or unload --force")
      }
    }
    let names = try kernel { () throws(SystemError) in try FileSystem.listUnlinked(root.path) }
    let own = names.filter(PinRoot.isOwn)
    if session.isDryRun { return isLoaded }
    if own.isEmpty {
      removeDirectories()
      return false
    }
    let ports = changedPorts
    try detachment.detach(links)
    restore(ports)
    try kernel { () throws(SystemError) in
      // Start with the link that makes it loaded: an interrupted unload then leaves only leftovers.
      _ = try FileSystem.remove(root.current)
      for name in own { try FileSystem.removeTree(root.path + "/" + name) }
    }
    if force { try removeForeign(names.filter { !PinRoot.isOwn($0) }) }
    removeDirectories()
    try detachment.check()
    return isLoaded || !links.isEmpty || own.contains { $0.hasPrefix(PinRoot.generationPrefix) }
  }

  /// Interfaces with settings to restore, as far as they are known: a damaged datapath is unloaded all the same.
  private var changedPorts: [Attachment] {
    guard let datapath = try? Datapath(toChangeAt: root),
      let attachments = try? Interfaces(datapath).attachments()
    else { return [] }
    return attachments.filter { $0.direction == .in }
  }

  private func restore(_ ports: [Attachment]) {
    guard let datapath = try? Datapath(toChangeAt: root) else { return }
    for port in ports {
      do {
        if port.wire != nil, port.isElsewhere {
          Notice.give(
            "\(port.name) in another network namespace stays promiscuous, and without ARP and IPv6")
        } else if port.wire != nil {
          try WireAttachment.undo(port, of: datapath)
        }
        try RelayHost.undo(port, of: datapath)
      } catch {
        Notice.give("the settings of \(port.name) are not restored: \(error.message)")
      }
    }
  }

  /// Removes what others put there, but no other instance, and nothing if this is the root of a BPF file system.
  private func removeForeign(_ names: [String]) throws(AegisError) {
    if FileSystem.isMountPoint(root.path) { return }
    for name in names {
      let other = PinRoot(root.path + "/" + name)
      if try other.has(other.current) { continue }
      try kernel { () throws(SystemError) in try FileSystem.removeTree(other.path) }
    }
  }

  /// Removes the root, and those of its parents that `load` made: of mode 0700 and otherwise empty.
  private func removeDirectories() {
    var path = root.path
    // Files of others stay, and so does their directory.
    while (try? FileSystem.remove(path)) != nil, let parent = path.parentDirectory,
      FileSystem.isPrivateDirectory(parent), !FileSystem.isMountPoint(parent)
    {
      path = parent
    }
  }
}

extension PinRoot {
  /// Whether the name of an entry below a root is one of ours.
  static func isOwn(_ name: String) -> Bool {
    let names =
      [
        "current", "previous", "moving", "next", measuringName, "saved", "saving", "links",
        "events", geoName, dropName, rulesName,
      ]
      + lostNames + lostNames.map { $0 + "-next" }
    return names.contains(name) || Generations.number(of: name) != nil
  }
}
