internal import BPF
internal import CAegis

/// Compares the pins of the generation in force with what the kernel runs.
struct PinRepair {
  /// A pin that is missing, or of another object.
  enum Loss {
    /// What the kernel still holds.
    case program(id: UInt32)
    case map(name: String, id: UInt32)
    /// Nothing holds it any more: it begins anew, empty.
    case contents(map: String)
  }

  let datapath: Datapath
  var directory: String { datapath.root.current }

  init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  func steps() throws(AegisError) -> [Repair.Step] {
    let names = try kernel { () throws(BPFError) in try object().mapNames }
    let (program, isPinned) = try program()
    var steps: [Repair.Step] = []
    if !isPinned {
      steps.append(
        Repair.Step(
          RepairItem("current/" + AEGIS_PROGRAM, .adopted, found(AEGIS_PROGRAM)),
          .pin(.program(id: program.id))))
    }
    let used = maps(of: program)
    for name in names {
      if let step = try step(forMap: name, used: used[name]) { steps.append(step) }
    }
    return steps
  }

  private func step(forMap name: String, used: UInt32?) throws(AegisError) -> Repair.Step? {
    let pinned = pinnedMap(name)
    if let used, pinned != used {
      return Repair.Step(
        RepairItem("current/" + name, .adopted, found(name)), .pin(.map(name: name, id: used)))
    }
    if pinned != nil { return nil }
    return Repair.Step(
      RepairItem("current/" + name, .adopted, "its pin was gone, and what it held"),
      .pin(.contents(map: name)))
  }

  private func found(_ name: String) -> String {
    BPFFS.exists(directory + "/" + name) ? "its pin was of another object" : "its pin was gone"
  }

  func restore(_ loss: Loss) throws(AegisError) {
    try kernel { () throws(BPFError) in
      switch loss {
      case .program(let id):
        let path = directory + "/" + AEGIS_PROGRAM
        _ = try BPFFS.remove(path)
        try BPFProgram.open(id: id)?.pin(at: path)
      case .map(let name, let id):
        let path = directory + "/" + name
        _ = try BPFFS.remove(path)
        try AnyBPFMap.open(id: id)?.pin(at: path)
      case .contents(let name): try make(name)
      }
    }
  }

  /// By the object that describes it, whose other maps are those that exist.
  private func make(_ name: String) throws(BPFError) {
    var object = try object()
    for other in object.mapNames where other != name {
      guard let map = try? AnyBPFMap(pinnedAt: directory + "/" + other) else {
        try object.setMaxEntries(1, ofMap: other)
        continue
      }
      try object.reuse(map.descriptor, forMap: other)
    }
    try object.load()
    try object.pinMap(name, at: directory + "/" + name)
  }

  private func object() throws(BPFError) -> BPFObject {
    try BPFObject(BPFObjects.decode(BPFObjects.aegis), name: AEGIS_PROGRAM)
  }
}
