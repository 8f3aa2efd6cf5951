internal import BPF
internal import CAegis
internal import Glibc

/// A loaded datapath, found by its pins.
public struct Datapath: Sendable {
  public let root: PinRoot
  /// Who loaded it, when, and with what version.
  public let origin: Origin

  /// Opens what is pinned at a root.
  ///
  /// - Throws: `notLoaded`, `notPermitted`, or `otherLayout` if another version of the tool loaded it.
  public init(at root: PinRoot) throws(AegisError) {
    try self.init(toReplaceAt: root)
    guard origin.abi == AEGIS_ABI_VERSION else { throw Self.otherLayout(at: root, abi: origin.abi) }
  }

  /// Opens also what `load --replace` can take over from.
  init(toReplaceAt root: PinRoot) throws(AegisError) {
    try root.check()
    let meta: aegis_meta?
    do {
      meta = try Migration.meta(pinnedAt: root.map(AEGIS_MAP_META))
    } catch {
      throw Self.diagnosis(error, at: root)
    }
    let isCurrent = meta?.abi == AEGIS_ABI_VERSION && meta?.layout == Layout.hash
    guard let meta, isCurrent || Migration.isKnown(meta) else {
      throw Self.otherLayout(at: root, abi: meta?.abi)
    }
    self.root = root
    self.origin = Origin(meta)
  }

  func map<Key, Value>(_ name: String) throws(AegisError) -> BPFMap<Key, Value> {
    try kernel { () throws(SystemError) in try BPFMap(pinnedAt: root.map(name)) }
  }

  func perCPU<Value>(_ name: String) throws(AegisError) -> PerCPUMap<Value> {
    try kernel { () throws(SystemError) in try PerCPUMap(pinnedAt: root.map(name)) }
  }

  func program() throws(AegisError) -> BPFProgram {
    try kernel { () throws(SystemError) in try BPFProgram(pinnedAt: root.program) }
  }
}

extension Datapath {
  /// Why there is nothing to open at a root.
  static func diagnosis(_ error: SystemError, at root: PinRoot) -> AegisError {
    if error.errno == EINVAL { return otherLayout(at: root, abi: nil) }
    guard error.isAbsence else { return AegisError(error) }
    if !Privilege.isSufficient { return .notPermitted("cannot look at \(root): not permitted") }
    if let error = notMounted(root) { return error }
    do throws(AegisError) {
      if let damage = try Damage.find(at: root) { return damage.error }
    } catch {
      return error
    }
    return AegisError(.notLoaded, "nothing is loaded at \(root)", hint: "aegisctl load")
  }

  static func notMounted(_ root: PinRoot) -> AegisError? {
    if BPFFS.isMounted(at: root.path) { return nil }
    return AegisError(
      .notLoaded, "\(root) is not on a BPF file system", hint: PinRoot.mountHint)
  }

  private static func otherLayout(at root: PinRoot, abi: UInt32?) -> AegisError {
    let found = abi.map { "layout \($0)" } ?? "an unknown layout"
    let isOlder = abi.map { $0 < AEGIS_ABI_VERSION } ?? false
    return AegisError(
      .otherLayout,
      "what is pinned at \(root) has \(found), this aegisctl knows layout \(AEGIS_ABI_VERSION)",
      hint: isOlder
        ? "bring it to this version, with its policy and counters: aegisctl load --replace"
        : "use the version that loaded it, or give up its policy: aegisctl unload --force")
  }
}
