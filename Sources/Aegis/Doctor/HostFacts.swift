internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// The input of the host checks. Tests create their own values.
struct HostFacts: Sendable {
  /// The effective capabilities, as in /proc/self/status; nil if they cannot be read.
  var capabilities: UInt64?
  var isOnBPFFS: Bool
  var root: String
  /// Why its pins cannot be trusted, and how to fix it.
  var distrust: Finding?
  /// If pins belong only to this mount namespace: the command that makes others.
  var outside: String?
  var features: [KernelFeature: KernelFeature.Support]
  /// RLIMIT_MEMLOCK in bytes; nil is unlimited.
  var memoryLimit: UInt64?
  var hasKernelTypes: Bool
  /// The result of loading the datapath without pinning anything.
  var datapath: Datapath
  /// The date of the oldest file that loaded countries come from, in seconds since the Unix epoch.
  var countriesDated: Int64?
  /// Whether a class of the loaded policy names countries although none are loaded.
  var lacksCountries = false

  enum Datapath: Sendable, Equatable {
    case accepted
    case refused(String)
    case notTried
  }

  static func read(for root: PinRoot) -> HostFacts {
    let features = KernelFeature.allCases.map { ($0, $0.probe()) }
    let loaded = try? Aegis.Datapath(at: root)
    let geo = loaded.flatMap { try? GeoStore($0).facts() }
    let classes = loaded.flatMap { try? ClassTable($0).definitions() } ?? [:]
    return HostFacts(
      capabilities: Privilege.effective, isOnBPFFS: BPFFS.isMounted(at: root.path),
      root: root.path, distrust: root.distrust, outside: root.isPrivate ? PinRoot.outside : nil,
      features: Dictionary(uniqueKeysWithValues: features),
      memoryLimit: memoryLimit(), hasKernelTypes: access("/sys/kernel/btf/vmlinux", F_OK) == 0,
      datapath: tryDatapath(), countriesDated: geo?.oldest,
      lacksCountries: loaded != nil && geo == nil
        && classes.contains { !$0.value.countries.isEmpty })
  }

  private static func memoryLimit() -> UInt64? {
    var limit = rlimit()
    guard getrlimit(CInt(__RLIMIT_MEMLOCK.rawValue), &limit) == 0 else { return nil }
    return limit.rlim_cur == UInt64.max ? nil : UInt64(limit.rlim_cur)
  }

  /// Loads it with maps of minimum size: the verifier does not consider the size.
  private static func tryDatapath() -> Datapath {
    do {
      var object = try BPFObject(BPFObjects.decode(BPFObjects.aegis), name: AEGIS_PROGRAM)
      for map in Capacity.sized { try object.setMaxEntries(1, ofMap: map.name) }
      try object.load()
      return .accepted
    } catch {
      return error.isPermission ? .notTried : .refused(error.lastLine ?? error.reason)
    }
  }
}
