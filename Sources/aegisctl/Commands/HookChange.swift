import Aegis

/// Another program of the operator's in place of the one that is there, or none.
struct HookChange {
  /// nil for none.
  private let object: HookObject?
  private let onMissing: Hook.Missing
  /// nil if nothing is loaded, or nothing changes.
  private let trial: HookTrial?
  let item: PlanReport.Item?

  var isChanged: Bool { item != nil }

  /// Reads an object, of which the kernel need not know anything yet.
  static func read(_ declared: HostDeclaration.Hook) throws -> HookObject? {
    // It is read again at each boot, when nobody looks.
    try declared.object.map { try read($0, program: declared.program, isOwn: true) }
  }

  static func read(
    _ path: String, program: String?, isOwn: Bool = false
  ) throws -> HookObject {
    let bytes = try InputFile.read(path, most: HookObject.mostBytes, isOwn: isOwn)
    return try HookObject(
      bytes, path: InputFile.name(path), program: program, file: InputFile.absolute(path) ?? "")
  }

  /// Loads the program, on maps of its own.
  ///
  /// - Parameters:
  ///   - object: nil for none.
  ///   - datapath: nil if nothing is loaded yet.
  init(to object: HookObject?, onMissing: Hook.Missing, of datapath: Datapath?) throws {
    (self.object, self.onMissing) = (object, onMissing)
    let store = datapath.map(Hook.init)
    let present = try store?.status()
    let now = object.map { Self.text($0.program, onMissing) }
    let isSame =
      if let object { try store?.isInPlace(object, onMissing: onMissing) ?? false } else {
        present == nil
      }
    let action =
      isSame ? nil : Plan.Item.Action(isBefore: present != nil, isAfter: object != nil) ?? .changed
    item = action.map {
      PlanReport.Item(
        part: "hook", name: "", action: $0.rawValue,
        before: present.map { Self.text($0.name ?? "lost", $0.onMissing) }, now: now)
    }
    if let object, let datapath, !isSame {
      trial = try HookTrial(of: object, on: datapath)
    } else {
      trial = nil
    }
  }

  private static func text(_ name: String, _ onMissing: Hook.Missing) -> String {
    onMissing == .pass ? name : "\(name), \(onMissing.rawValue) if it is missing"
  }

  /// Refuses a program that would cut somebody off, under the policy as it will be.
  func check(
    _ request: GuardRequest, with plan: Plan = .none, _ profiles: [ProfilePlan] = [],
    on datapath: Datapath
  ) throws {
    guard let trial else { return }
    try request.check(trial, onMissing: onMissing, with: plan, profiles, on: datapath)
  }

  func make(on datapath: Datapath, in session: borrowing Session) throws {
    if !isChanged { return }
    guard let object else {
      _ = try Hook(datapath).remove(in: session)
      return
    }
    try Hook(datapath).set(object, onMissing: onMissing, in: session)
  }

  /// Says where packets come in that are not given to it.
  func giveNotes(_ datapath: Datapath) throws {
    if object == nil || !isChanged { return }
    for interface in try Interfaces(datapath).unaskedByHook {
      let end = onMissing == .drop ? "is dropped" : "is not given to the program"
      Notice.give("\(interface.name) is attached by tc: what comes in there \(end)")
    }
  }
}
