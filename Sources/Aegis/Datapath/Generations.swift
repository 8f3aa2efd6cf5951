internal import CAegis
internal import Linux

/// The numbered directories below a root; `current` names the one in force.
struct Generations {
  let root: PinRoot

  init(_ root: PinRoot) {
    self.root = root
  }

  var current: Int? {
    get throws(AegisError) { try named(by: root.current) }
  }

  /// The generation that was in force before; nil also if it is the one in force.
  var previous: Int? {
    get throws(AegisError) {
      let previous = try named(by: root.previous)
      return try previous == current ? nil : previous
    }
  }

  private func named(by link: String) throws(AegisError) -> Int? {
    let target = try kernel { () throws(SystemError) in try FileSystem.readlink(link) }
    return target.flatMap(Self.number)
  }

  /// The number for a new generation, unused by those that are kept.
  func next() throws(AegisError) -> Int { try max(current ?? 0, previous ?? 0) + 1 }

  static func number(of name: String) -> Int? {
    guard name.hasPrefix(PinRoot.generationPrefix) else { return nil }
    return Int(name.dropFirst(PinRoot.generationPrefix.count))
  }

  /// Generations that are neither in force nor kept: an interrupted load or replacement left them.
  func leftovers() throws(AegisError) -> [String] { try leftovers(among: names()) }

  private func names() throws(AegisError) -> [String] {
    try kernel { () throws(SystemError) in try FileSystem.list(root.path) }
  }

  private func leftovers(among names: [String]) throws(AegisError) -> [String] {
    let kept = try [current, previous]
    return names.filter { name in Self.number(of: name).map { !kept.contains($0) } ?? false }
  }

  /// Puts a generation in force atomically.
  ///
  /// - Parameter keeping: The generation that a rollback returns to.
  func adopt(_ number: Int, keeping previous: Int? = nil) throws(AegisError) {
    if let previous {
      try point(root.previous, to: previous)
    } else {
      // This layout cannot return to the generation that an earlier layout would have returned to.
      try kernel { () throws(SystemError) in _ = try FileSystem.remove(root.previous) }
    }
    // If this process is killed, the next one moves the links to the generation then in force. At first there are no
    // links.
    if try current != nil { try point(root.moving, to: number) }
    try point(root.current, to: number)
  }

  /// Exchanges the generation in force with the previous one atomically.
  func exchange(with previous: Int) throws(AegisError) {
    try point(root.moving, to: previous)
    try kernel { () throws(SystemError) in try FileSystem.exchange(root.previous, root.current) }
  }

  /// Undoes the start of a generation that was not put in force. If that fails, the next call that changes something
  /// cleans up.
  func abandon(_ number: Int, previous: Int?) {
    guard let current = try? current else { return abandonFirst(number) }
    if current == number { return }
    if let previous { _ = try? point(root.previous, to: previous) }
    _ = try? FileSystem.remove(root.staged)
    // The link may instead say that an earlier replacement is not finished.
    if (try? named(by: root.moving)) == number { _ = try? FileSystem.remove(root.moving) }
    _ = try? remove(["\(PinRoot.generationPrefix)\(number)"])
  }

  private func abandonFirst(_ number: Int) {
    for link in [root.staged, root.moving] { _ = try? FileSystem.remove(link) }
    _ = try? remove(["\(PinRoot.generationPrefix)\(number)"])
    // Directories that are not empty stay.
    for directory in [root.links, root.path] { _ = try? FileSystem.remove(directory) }
  }

  func point(_ link: String, to number: Int) throws(AegisError) {
    let staged = root.staged
    try kernel { () throws(SystemError) in
      _ = try FileSystem.remove(staged)
      try FileSystem.symlink(to: "\(PinRoot.generationPrefix)\(number)", at: staged)
      try FileSystem.rename(staged, to: link)
    }
  }

  /// Moves the links to the generation in force, including those that a killed measurement left with another program,
  /// and removes the generations that are not kept.
  func finishReplacement(by datapath: Datapath) throws(AegisError) {
    let names = try names()
    let leftovers = try leftovers(among: names)
    if try root.has(root.moving) {
      try Interfaces(datapath).moveLinksToCurrentProgram()
      try HookUpkeep(datapath).finishReplacement()
      // In order of number: a later generation carries the sums of those before it.
      for name in leftovers.sorted(by: { Self.number(of: $0) ?? 0 < Self.number(of: $1) ?? 0 }) {
        try CounterMigration(from: "\(root.path)/\(name)", to: datapath.root.current).run()
      }
      try noteRelayed(leftovers)
      try kernel { () throws(SystemError) in _ = try FileSystem.remove(root.moving) }
    }
    if names.contains(PinRoot.measuringName) {
      let measuring = Measuring(root)
      if try measuring.isOver { try measuring.clear(by: datapath) }
    }
    try remove(leftovers)
  }

  /// Until the links were moved, the relay has noted what came in the table of an earlier generation.
  private func noteRelayed(_ leftovers: [String]) throws(AegisError) {
    let past =
      leftovers.map { "\(root.path)/\($0)" } + (try previous.map { [root.generation($0)] } ?? [])
    let table = AEGIS_MAP_relay_user
    try kernel { () throws(SystemError) in
      for directory in past {
        let old = table.pin(in: directory)
        guard try FileSystem.exists(old), try !table.isShared(by: directory, root.current) else {
          continue
        }
        try RelayTable.noteCounters(of: old, in: table.pin(in: root.current))
      }
    }
  }

  func remove(_ names: [String]) throws(AegisError) {
    for name in names {
      try kernel { () throws(SystemError) in try FileSystem.removeTree("\(root.path)/\(name)") }
    }
  }
}
