internal import BPF
internal import CAegis
internal import Linux

/// What may get lost of an operator's program: what `doctor` tells of, and `repair` restores.
struct HookUpkeep {
  enum Part {
    /// The map that the program continues by; its number in the kernel.
    case map(UInt32)
    /// The programs that it continues with.
    case exits
    /// The pin of the program in its place; its number in the kernel.
    case pin(UInt32)
    /// The program, whose pin is there.
    case program
    /// A program that no packet is to be given to.
    case all
    /// What an interrupted call has left.
    case leftover(String)
  }

  /// Of its items.
  static let name = "hook"

  private let datapath: Datapath
  private var generation: String { datapath.root.current }

  init(_ datapath: Datapath) { self.datapath = datapath }

  /// Whether packets are to be given to a program.
  func isSet() throws(AegisError) -> Bool {
    guard datapath.origin.isCurrent else { return false }
    return try Settings.read(datapath[.in]).stages & aegis_stage.hook != 0
  }

  private func isConcerned() throws(AegisError) -> Bool {
    if try isSet() { return true }
    return try isLeft()
  }

  private func isLeft() throws(AegisError) -> Bool {
    guard datapath.origin.isCurrent else { return false }
    return try kernel { () throws(SystemError) in try HookProgram.exists(in: generation) }
  }

  /// Gives the program that is kept what it continues with in the generation in force, in place of what a generation
  /// before or a measurement has left there.
  func finishReplacement() throws(AegisError) {
    guard try isConcerned() else { return }
    try HookProgram.makeExits(in: generation)
  }

  func findings() throws(AegisError) -> [Finding] {
    guard try isConcerned() else { return [] }
    let steps = try steps()
    guard let first = steps.first else {
      return [.ok(Self.name, "its program is in place")]
    }
    return [
      Finding(
        Self.name, .error, first.item.detail ?? "its program is lost",
        because: "packets that are for it are counted as hook-missing, or not at all",
        fix: steps.contains { $0.item.action == .incomplete } ? Self.again : "aegisctl repair")
    ]
  }

  private static let again = "aegisctl set-hook with its object again, or --remove"

  func steps() throws(AegisError) -> [Repair.Step] {
    guard try isSet() else {
      if try !isLeft() { return [] }
      let item = RepairItem(Self.name, .finished, "left by an interrupted set-hook")
      return [Repair.Step(item, .hook(self, .all))]
    }
    func step(_ found: String, _ part: Part) -> Repair.Step {
      Repair.Step(RepairItem(Self.name, .restored, found), .hook(self, part))
    }
    return try kernel { () throws(SystemError) in
      var steps: [Repair.Step] = []
      let (pinned, placed) = (
        try HookProgram.info(in: generation), try HookProgram.id(in: generation)
      )
      guard let id = placed ?? pinned?.id else {
        return [
          Repair.Step(
            RepairItem(Self.name, .incomplete, "its program is lost: \(Self.again)"))
        ]
      }
      if let lost = try lostMap() {
        steps.append(step("the map that it continues by was another object", .map(lost)))
      }
      let hasExits = try HookProgram.hasExits(
        in: generation, measuring: datapath.root.measuring)
      if !hasExits || !steps.isEmpty {
        steps.append(step("what it continues with was missing", .exits))
      }
      if placed == nil {
        steps.append(step("its program was not in place", .program))
      } else if pinned?.id != placed {
        steps.append(step("its pin was missing or another program", .pin(id)))
      }
      let left = HookProgram.newPin(in: generation)
      if try FileSystem.exists(left) {
        steps.append(
          Repair.Step(
            RepairItem(Self.name, .finished, "left by an interrupted set-hook"),
            .hook(self, .leftover(left))))
      }
      return steps
    }
  }

  /// The number of the program's own `hook_exit`, unless that is the pinned one.
  private func lostMap() throws(SystemError) -> UInt32? {
    let name = AEGIS_MAP_hook_exit.name
    let pinned = try AnyBPFMap(pinnedAt: AEGIS_MAP_hook_exit.pin(in: generation)).info().id
    var info = try HookProgram.placed(in: generation)?.info()
    if info == nil { info = try HookProgram.info(in: generation) }
    guard let maps = info?.mapIDs else { return nil }
    if maps.contains(pinned) { return nil }
    for id in maps {
      if try AnyBPFMap.open(id: id)?.info().name == name { return id }
    }
    return nil
  }

  func repair(_ part: Part) throws(AegisError) {
    switch part {
    case .map(let id):
      try kernel { () throws(SystemError) in
        for direction in Direction.allCases {
          let path = AEGIS_MAP_hook_exit.pin(in: PinRoot.maps(of: direction, in: generation))
          _ = try FileSystem.remove(path)
          try AnyBPFMap.open(id: id)?.pin(at: path)
        }
      }
    case .exits: try HookProgram.makeExits(in: generation)
    case .pin(let id):
      try kernel { () throws(SystemError) in
        let path = HookProgram.pin(in: generation)
        _ = try FileSystem.remove(path)
        try BPFProgram.open(id: id)?.pin(at: path)
      }
    case .all: try HookProgram.remove(from: generation)
    case .program: try HookProgram.put(in: generation)
    case .leftover(let path):
      try kernel { () throws(SystemError) in _ = try FileSystem.remove(path) }
    }
  }
}
