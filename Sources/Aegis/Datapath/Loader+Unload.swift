internal import BPF
internal import CAegis

extension Loader {
  /// Removes every pin of the datapath, and nothing else; the kernel then frees what nothing uses.
  ///
  /// - Parameter force: Detaches first, and also removes pins of another layout.
  /// - Returns: Whether there was anything.
  public func unload(force: Bool, in session: borrowing Session) throws(AegisError) -> Bool {
    let generations = Generations(root)
    let isLoaded = try generations.current != nil
    let links = try linkPins()
    if !force, isLoaded || !links.isEmpty {
      let attached = try Interfaces(Datapath(at: root)).attachments().filter(\.isAttached)
      if !attached.isEmpty {
        throw AegisError(
          .failed, "it is attached to \(attached.map(\.name).joined(separator: ", "))",
          hint: "aegisctl detach --all, or unload --force")
      }
    }
    let leftovers = try generations.leftovers()
    if session.isDryRun { return isLoaded }
    for link in links { try remove(link: link) }
    try kernel { () throws(BPFError) in
      // First what makes it loaded: an interrupted unload leaves only leftovers.
      _ = try BPFFS.remove(root.current)
      for link in [root.previous, root.moving, root.staged] { _ = try BPFFS.remove(link) }
      for directory in [root.links, root.events] { _ = try BPFFS.remove(directory) }
      try BPFFS.removeTree(root.saved)
      try BPFFS.removeTree(root.saving)
      try BPFFS.removeTree(root.measuring)
    }
    try generations.remove(generations.leftovers())
    // What is not ours stays, and so then does the directory.
    _ = try? BPFFS.remove(root.path)
    return isLoaded || !links.isEmpty || !leftovers.isEmpty
  }

  private func linkPins() throws(AegisError) -> [String] {
    if try !root.has(root.links) { return [] }
    return try kernel { () throws(BPFError) in try BPFFS.list(root.links) }
      .map { root.links + "/" + $0 }
  }

  private func remove(link path: String) throws(AegisError) {
    try kernel { () throws(BPFError) in
      let link = try XDPLink(pinnedAt: path)
      if try link.info().ifindex != 0 { try link.detach() }
      _ = try BPFFS.remove(path)
    }
  }
}
