internal import BPF
internal import CAegis
internal import Linux

/// The operator's own program, the last that is asked about packets that pass.
public struct Hook: Sendable {
  /// What becomes of packets that are for it while its program is not there.
  public enum Missing: String, Sendable, CaseIterable {
    case pass, drop
  }

  /// What is in place.
  public struct Status: Sendable {
    /// The name of the program in its object, at most 55 bytes; nil if the program is lost.
    public let name: String?
    /// The absolute path of its object; nil if that is unknown.
    public let file: String?
    /// The hash of its instructions.
    public let tag: String?
    public let program: UInt32?
    public let onMissing: Missing
    /// Packets given to it since the program of the datapath was loaded.
    public let packets: UInt64
    /// Those of them that it ended itself, without aegis_finish(), and that are not counted elsewhere.
    public let uncounted: UInt64
  }

  private let datapath: Datapath

  public init(_ datapath: Datapath) { self.datapath = datapath[.in] }

  private var generation: String { datapath.root.current }

  /// nil if none is set.
  public func status() throws(AegisError) -> Status? {
    let stages = try Settings.read(datapath).stages
    guard stages & aegis_stage.hook != 0 else { return nil }
    let (info, work, noted) = try kernel { () throws(SystemError) in
      let map = try PerCPUMap<aegis_hook_work>(pinnedAt: AEGIS_MAP_hook_work.pin(in: generation))
      return (
        try HookProgram.info(in: generation), try map.values(at: 0),
        try self.info().value(forKey: 0) ?? aegis_hook_info()
      )
    }
    let (handed, returned) = work.reduce((0, 0)) { ($0.0 + $1.handed, $0.1 + $1.returned) }
    // A program that is pinned only gets no packets.
    let placed = try kernel { () throws(SystemError) in try HookProgram.id(in: generation) }
    let inPlace = info?.id == placed ? info : nil
    let (name, file) = (CText.read(noted.name), CText.read(noted.file))
    return Status(
      name: inPlace.map { name.isEmpty ? $0.name : name },
      file: inPlace == nil || file.isEmpty ? nil : file,
      tag: inPlace?.tagText, program: inPlace?.id,
      onMissing: stages & aegis_stage.hookClosed == 0 ? .pass : .drop,
      packets: handed, uncounted: handed > returned ? handed - returned : 0)
  }

  /// Whether the same program of the same object is in place, with the same setting.
  public func isInPlace(
    _ object: HookObject, onMissing: Missing
  ) throws(AegisError) -> Bool {
    guard let status = try status(), status.onMissing == onMissing else { return false }
    return try kernel { () throws(SystemError) in
      guard let placed = try HookProgram.id(in: generation), placed == status.program else {
        return false
      }
      return try info().value(forKey: 0)?.object == object.hash
    }
  }

  private func info() throws(SystemError) -> BPFMap<UInt32, aegis_hook_info> {
    try BPFMap(pinnedAt: AEGIS_MAP_hook_info.pin(in: generation))
  }

  /// - Parameter object: nil for none.
  private func note(_ object: HookObject?) throws(AegisError) {
    var row = aegis_hook_info()
    if let object {
      row.object = object.hash
      CText.write(object.program, to: &row.name)
      if object.file.utf8.count < MemoryLayout.size(ofValue: row.file) {
        CText.write(object.file, to: &row.file)
      }
    }
    let noted = row
    try kernel { () throws(SystemError) in try info().update(noted, forKey: 0) }
  }

  /// Puts a program in place, or in place of the one that is there: each packet is given to one of the two.
  public func set(
    _ object: HookObject, onMissing: Missing, in session: borrowing Session
  ) throws(AegisError) {
    try datapath.checkIsOwn()
    if session.isDryRun { return }
    let loaded = try object.load(onPinned: HookProgram.maps(in: generation))
    let hasExits = try kernel { () throws(SystemError) in
      try HookProgram.hasExits(in: generation, measuring: datapath.root.measuring)
    }
    if !hasExits { try HookProgram.makeExits(in: generation) }
    // If this process is killed meanwhile, nothing is known of what is in place.
    try note(nil)
    try HookProgram.put(loaded, in: generation)
    try Settings.change(datapath, in: session) { config in
      config.set(aegis_stage.hook, true)
      config.set(aegis_stage.hookClosed, onMissing == .drop)
    }
    try note(object)
  }

  /// - Returns: Whether there was one.
  @discardableResult
  public func remove(in session: borrowing Session) throws(AegisError) -> Bool {
    let isLeft = try kernel { () throws(SystemError) in
      try HookProgram.exists(in: generation)
    }
    let stages = try Settings.read(datapath).stages
    let isSet = isLeft || stages & aegis_stage.hook != 0
    if !isSet || session.isDryRun { return isSet }
    try datapath.checkIsOwn()
    try Settings.change(datapath, in: session) { config in
      config.set(aegis_stage.hook, false)
      config.set(aegis_stage.hookClosed, false)
    }
    try HookProgram.remove(from: generation)
    try note(nil)
    return true
  }
}

extension aegis_stage {
  static let hook = AEGIS_STAGE_HOOK.rawValue
  static let hookClosed = AEGIS_STAGE_HOOK_CLOSED.rawValue
}
