internal import CAegis
internal import Linux

/// The numbered directories below a root, of which `current` names the one in force.
struct Generations {
  let root: PinRoot

  init(_ root: PinRoot) {
    self.root = root
  }

  var current: Int? {
    get throws(AegisError) { try named(by: root.current) }
  }

  /// What was in force before; nil too where that is what is in force.
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

  /// A number for another generation beside those that are kept.
  func next() throws(AegisError) -> Int { try max(current ?? 0, previous ?? 0) + 1 }

  static func number(of name: String) -> Int? {
    guard name.hasPrefix(PinRoot.generationPrefix) else { return nil }
    return Int(name.dropFirst(PinRoot.generationPrefix.count))
  }

  /// Those that are neither in force nor kept: what an interrupted load or replacement left.
  func leftovers() throws(AegisError) -> [String] { try leftovers(among: names()) }

  private func names() throws(AegisError) -> [String] {
    try kernel { () throws(SystemError) in try FileSystem.list(root.path) }
  }

  private func leftovers(among names: [String]) throws(AegisError) -> [String] {
    let kept = try [current, previous]
    return names.filter { name in Self.number(of: name).map { !kept.contains($0) } ?? false }
  }

  /// Puts a generation in force, at one instant.
  ///
  /// - Parameter keeping: What a rollback is to return to.
  func adopt(_ number: Int, keeping previous: Int? = nil) throws(AegisError) {
    if let previous {
      try point(root.previous, to: previous)
    } else {
      // This layout cannot return to what an earlier one would have returned to.
      try kernel { () throws(SystemError) in _ = try FileSystem.remove(root.previous) }
    }
    // Whoever comes after a kill brings the links to what is in force then; at first there are none.
    if try current != nil { try point(root.moving, to: number) }
    try point(root.current, to: number)
  }

  /// Puts what was in force before in force again, and what is in its place, at one instant.
  func exchange(with previous: Int) throws(AegisError) {
    try point(root.moving, to: previous)
    try kernel { () throws(SystemError) in try FileSystem.exchange(root.previous, root.current) }
  }

  /// Takes back the start of a generation that was not put in force. What goes wrong with that, the next call
  /// that changes something clears away.
  func abandon(_ number: Int, previous: Int?) {
    guard let current = try? current else { return abandonFirst(number) }
    if current == number { return }
    if let previous { _ = try? point(root.previous, to: previous) }
    _ = try? FileSystem.remove(root.staged)
    // Another may say that an earlier replacement has not come to its end.
    if (try? named(by: root.moving)) == number { _ = try? FileSystem.remove(root.moving) }
    _ = try? remove(["\(PinRoot.generationPrefix)\(number)"])
  }

  private func abandonFirst(_ number: Int) {
    for link in [root.staged, root.moving] { _ = try? FileSystem.remove(link) }
    _ = try? remove(["\(PinRoot.generationPrefix)\(number)"])
    // Directories, which stay if something is in them.
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

  /// Brings the links to the generation in force, also those that a killed measurement left with another program,
  /// and removes those that are not kept.
  func finishReplacement(by datapath: Datapath) throws(AegisError) {
    let names = try names()
    let leftovers = try leftovers(among: names)
    if try root.has(root.moving) {
      try Interfaces(datapath).moveLinksToCurrentProgram()
      // What was carried to a later one has the sums of those before it.
      for name in leftovers.sorted(by: { Self.number(of: $0) ?? 0 < Self.number(of: $1) ?? 0 }) {
        try CounterMigration(from: "\(root.path)/\(name)", to: datapath.root.current).run()
      }
      try kernel { () throws(SystemError) in _ = try FileSystem.remove(root.moving) }
    }
    if names.contains(PinRoot.measuringName) {
      let measuring = Measuring(root)
      if try measuring.isOver { try measuring.clear(by: datapath) }
    }
    try remove(leftovers)
  }

  func remove(_ names: [String]) throws(AegisError) {
    for name in names {
      try kernel { () throws(SystemError) in try FileSystem.removeTree("\(root.path)/\(name)") }
    }
  }
}
