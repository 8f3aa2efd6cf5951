internal import BPF
internal import CAegis

/// The numbered directories below a root, of which `current` names the one in force.
struct Generations {
  let root: PinRoot

  init(_ root: PinRoot) {
    self.root = root
  }

  var current: Int? {
    get throws(AegisError) {
      let target = try kernel { () throws(BPFError) in try BPFFS.readlink(root.current) }
      return target.flatMap(Self.number)
    }
  }

  private static func number(of name: String) -> Int? {
    guard name.hasPrefix(PinRoot.generationPrefix) else { return nil }
    return Int(name.dropFirst(PinRoot.generationPrefix.count))
  }

  /// Those that nothing is in force of: what an interrupted load or replacement left.
  func leftovers() throws(AegisError) -> [String] {
    let current = try current.map { "\(PinRoot.generationPrefix)\($0)" }
    let names = try kernel { () throws(BPFError) in try BPFFS.list(root.path) }
    return names.filter { Self.number(of: $0) != nil && $0 != current }
  }

  /// Puts a generation in force, at one instant.
  func adopt(_ number: Int) throws(AegisError) {
    let staged = root.staged
    try kernel { () throws(BPFError) in
      _ = try BPFFS.remove(staged)
      try BPFFS.symlink(to: "\(PinRoot.generationPrefix)\(number)", at: staged)
      try BPFFS.rename(staged, to: root.current)
    }
  }

  /// Brings the links to the generation in force and removes the others.
  func finishReplacement(by datapath: Datapath) throws(AegisError) {
    let leftovers = try leftovers()
    if leftovers.isEmpty { return }
    try Interfaces(datapath).moveLinksToCurrentProgram()
    try remove(leftovers)
  }

  func remove(_ names: [String]) throws(AegisError) {
    for name in names {
      try kernel { () throws(BPFError) in try BPFFS.removeTree("\(root.path)/\(name)") }
    }
  }
}
