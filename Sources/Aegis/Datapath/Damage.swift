internal import CAegis
internal import Linux

/// Distinguishes a datapath that lost some of its pins from one that is not loaded.
struct Damage {
  let root: PinRoot
  /// What was found, in one clause.
  let finding: String
  /// Whether `current` points to the right generation.
  let hasCurrent: Bool

  /// nil if nothing is loaded, or if all pins that are needed to find the datapath exist.
  static func find(at root: PinRoot) throws(AegisError) -> Damage? {
    if let generation = try Generations(root).current {
      let name = PinRoot.generationPrefix + String(generation)
      if try !root.has(root.generation(generation)) {
        return Damage(root: root, finding: "current points to \(name), which does not exist")
      }
      if try root.has(root.map(AEGIS_MAP_meta)) { return nil }
      return Damage(
        root: root, finding: "the pin current/\(AEGIS_MAP_meta.name) is missing", hasCurrent: true)
    }
    if try root.has(root.current) {
      return Damage(root: root, finding: "current does not point to a generation")
    }
    guard let link = try root.linkPins().first else { return nil }
    return Damage(root: root, finding: "current is missing, but links/\(link) exists")
  }

  /// Damage found through a missing pin that another pin refers to.
  init?(_ error: SystemError) {
    guard error.isAbsence, error.operation == "open" else { return nil }
    let words = error.subject.split(separator: "/", omittingEmptySubsequences: false)
    guard words.count > 3, let directory = words.dropLast().last,
      directory == "current" || directory.hasPrefix(PinRoot.generationPrefix)
    else { return nil }
    root = PinRoot(words.dropLast(2).joined(separator: "/"))
    finding = "the pin \(words.suffix(2).joined(separator: "/")) is missing"
    hasCurrent = true
  }

  private init(root: PinRoot, finding: String, hasCurrent: Bool = false) {
    self.root = root
    self.finding = finding
    self.hasCurrent = hasCurrent
  }

  var error: AegisError {
    var error = AegisError(
      .otherLayout, "the pins at \(root) are damaged: \(finding)",
      hint: "aegisctl repair; or, to discard the policy: aegisctl unload --force")
    error.code = .damaged
    return error
  }
}

extension PinRoot {
  /// Names of pinned links; none if the directory itself is a symbolic link.
  func linkPins() throws(AegisError) -> [String] {
    try kernel { () throws(SystemError) in try FileSystem.listUnlinked(links) }
  }
}
