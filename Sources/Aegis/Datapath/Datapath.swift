internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// A loaded datapath, found by its pins.
public struct Datapath: Sendable {
  public let root: PinRoot
  /// Who loaded the datapath, when, and with which version.
  public let origin: Origin
  /// The packets that its settings, lists and rates are for.
  public private(set) var direction = Direction.in
  /// The profile whose settings, rates, rules and keys are meant.
  public private(set) var profile = Profile.main
  /// nil opens a map on each use: another process may put another generation in force at any moment.
  private var maps: [Direction: OpenMaps] = [:]

  /// Opens what is pinned at a root for reading: of this version, or of a later one that only adds.
  ///
  /// - Throws: `notLoaded`, `notPermitted`, or `otherLayout` if an earlier or an incompatible version loaded it.
  public init(at root: PinRoot) throws(AegisError) {
    try self.init(at: root, accepting: [.same, .newer])
  }

  /// Opens what is pinned at a root, only if it is of this version.
  ///
  /// - Throws: As `init(at:)`; `otherLayout` also if a later version loaded it.
  public init(toChangeAt root: PinRoot) throws(AegisError) {
    try self.init(at: root, accepting: [.same])
  }

  /// Also opens what `load --replace` can take over.
  init(toReplaceAt root: PinRoot) throws(AegisError) {
    try self.init(at: root, accepting: [.same, .older, .past])
  }

  private init(
    at root: PinRoot, accepting relations: [Layout.Relation]
  ) throws(AegisError) {
    try root.check()
    let meta: aegis_meta?
    do {
      meta = try Migration.meta(pinnedAt: root.map(AEGIS_MAP_meta))
    } catch {
      throw Self.diagnosis(error, at: root)
    }
    let origin = meta.map(Origin.init)
    guard let origin, relations.contains(origin.relation) else {
      throw Self.otherLayout(at: root, origin)
    }
    self.root = root
    self.origin = origin
  }

  /// - Throws: `otherLayout` if another version loaded it.
  func checkIsOwn() throws(AegisError) {
    guard origin.isCurrent else { throw Self.otherLayout(at: root, origin) }
  }

  /// Returns a copy with every map opened once and its configuration read once: for a caller that holds the lock of the
  /// root, or that reads only once.
  public func keepingMapsOpen() -> Datapath {
    var datapath = self
    for direction in Direction.allCases {
      datapath.maps[direction] = OpenMaps(in: PinRoot.maps(of: direction, in: root.current))
    }
    return datapath
  }

  /// The same datapath with the settings, lists and rates of a direction.
  public subscript(direction: Direction) -> Datapath {
    var datapath = self
    datapath.direction = direction
    return datapath
  }

  /// The same datapath with the settings, rates, rules and keys of a profile.
  public subscript(profile profile: Profile) -> Datapath {
    var datapath = self
    datapath.profile = profile
    return datapath
  }

  /// Both directions.
  var directions: [Datapath] { Direction.allCases.map { self[$0] } }

  /// Where the maps of its direction are pinned.
  var directory: String { PinRoot.maps(of: direction, in: root.current) }

  /// Whether the direction has maps: layouts before this one had none for what leaves.
  var exists: Bool {
    get throws(AegisError) { try root.has(pin(of: AEGIS_MAP_config)) }
  }

  var openMaps: OpenMaps? { maps[direction] }

  func pin(of map: aegis_map) -> String { map.pin(in: directory) }

  func map<Key, Value>(_ map: aegis_map) throws(AegisError) -> BPFMap<Key, Value> {
    try kernel { () throws(SystemError) in try open(map) }
  }

  func open<Key, Value>(_ map: aegis_map) throws(SystemError) -> BPFMap<Key, Value> {
    if let openMaps { return try openMaps.map(map) }
    return try BPFMap(pinnedAt: pin(of: map))
  }

  func perCPU<Value>(_ map: aegis_map) throws(AegisError) -> PerCPUMap<Value> {
    try kernel { () throws(SystemError) in try PerCPUMap(pinnedAt: pin(of: map)) }
  }

  func program() throws(AegisError) -> BPFProgram {
    try kernel { () throws(SystemError) in try BPFProgram(pinnedAt: root.program) }
  }
}

extension Datapath {
  /// Why there is nothing to open at a root.
  static func diagnosis(_ error: SystemError, at root: PinRoot) -> AegisError {
    if error.errno == EINVAL { return otherLayout(at: root, nil) }
    guard error.isAbsence else { return AegisError(error) }
    if !Privilege.isSufficient { return .notPermitted("cannot look at \(root): not permitted") }
    if let error = notMounted(root) { return error }
    do throws(AegisError) {
      if let damage = try Damage.find(at: root) { return damage.error }
    } catch {
      return error
    }
    return AegisError(.notLoaded, "nothing is loaded at \(root)", hint: loading(root))
  }

  /// How to load it. The unit of the package loads the standard instance, with its policy.
  static func loading(_ root: PinRoot, units: [String] = serviceUnits) -> String {
    let load = "aegisctl load"
    guard root == .standard, units.contains(where: { access($0, F_OK) == 0 }) else { return load }
    return "systemctl restart aegis.service, or \(load)"
  }

  private static let serviceUnits = ["/etc", "/lib"].map { "\($0)/systemd/system/aegis.service" }

  static func notMounted(_ root: PinRoot) -> AegisError? {
    if BPFFS.isMounted(at: root.path) { return nil }
    return AegisError(
      .notLoaded, "\(root) is not on a BPF file system", hint: PinRoot.mountHint)
  }

  static func otherLayout(at root: PinRoot, _ origin: Origin?) -> AegisError {
    let layout = AEGIS_ABI_VERSION
    let finding =
      switch origin?.relation {
      case .newer?:
        "was loaded by a newer build of aegisctl\(origin.map { " (\($0.version))" } ?? "")"
      case .older?: "was loaded by an older build of aegisctl"
      case .foreign? where origin?.abi == layout:
        "has layout \(layout) of another build than this aegisctl"
      default:
        "has \(origin.map { "layout \($0.abi)" } ?? "an unknown layout"), and this aegisctl uses layout \(layout)"
      }
    let canReplace = origin?.relation == .older || origin?.relation == .past
    return AegisError(
      .otherLayout,
      "the datapath at \(root) \(finding)",
      hint: canReplace
        ? "upgrade it, keeping its policy and counters: aegisctl load --replace"
        : "use the version that loaded it; or, to discard the policy: aegisctl unload --force")
  }
}
