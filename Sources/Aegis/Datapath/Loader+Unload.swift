internal import BPF
internal import CAegis

extension Loader {
  /// Removes every pin; the kernel then frees what nothing uses.
  ///
  /// - Parameter force: Detaches first, and also removes pins of another layout.
  /// - Returns: Whether there was anything.
  public func unload(force: Bool, in session: borrowing Session) throws(AegisError) -> Bool {
    let names = try kernel { () throws(BPFError) in try BPFFS.list(root.path) }
    let links = try linkPins()
    if !links.isEmpty, !force {
      let attached = try Interfaces(Datapath(at: root)).attachments().filter(\.isAttached)
      if !attached.isEmpty {
        throw AegisError(
          .failed, "it is attached to \(attached.map(\.name).joined(separator: ", "))",
          hint: "aegisctl detach --all, or unload --force")
      }
    }
    if session.isDryRun { return !names.isEmpty }
    for link in links { try remove(link: link) }
    try kernel { () throws(BPFError) in
      // First what makes it loaded: an interrupted unload leaves only leftovers.
      _ = try BPFFS.remove(root.current)
      for name in names { try BPFFS.removeTree(root.path + "/" + name) }
      _ = try BPFFS.remove(root.path)
    }
    return !names.isEmpty
  }

  private func linkPins() throws(AegisError) -> [String] {
    if !BPFFS.exists(root.links) { return [] }
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
