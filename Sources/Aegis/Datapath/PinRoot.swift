internal import CAegis
internal import Linux

/// Where one instance of the datapath is pinned.
///
/// ```
/// ROOT/current -> gen1     what is in force; the datapath is loaded while this resolves
/// ROOT/gen1/aegis          the program
/// ROOT/gen1/aegis_out      that for what leaves, and aegis_tc for what comes in by tc; once something needs them
/// ROOT/gen1/aegis_relay    that of the relay, while it is on
/// ROOT/gen1/config …       its maps, by the names in abi/catalogue.h
/// ROOT/gen1/out/config …   the same for what leaves; maps that both directions share are pinned in both places
/// ROOT/previous -> gen0    what was in force before, for a rollback
/// ROOT/moving -> gen1      while links are brought to it
/// ROOT/measuring/          while links run a program that times itself; see `Measuring`
/// ROOT/links/12            the link to the interface of index 12
/// ROOT/links/12-in         that of the program behind tc, and 12-out for what leaves
/// ROOT/links/12-silence    the link that keeps the host's own frames from leaving by a port of a wire
/// ROOT/lost …              the links of the programs that count frames lost on wires
/// ROOT/geo/0v4             countries by address, of the slot 0, for IPv4
/// ROOT/drop/0v4            the drop list of IPv4 that is in the slot 0
/// ROOT/drop/out/0v4        the same for what leaves
/// ROOT/rules/0v4           a set of rules, in the place 0 of `rules`; see `RuleSet`
/// ROOT/events              empty; locked by whoever reads events
/// ```
public struct PinRoot: Hashable, Sendable, CustomStringConvertible {
  public static let standard = PinRoot("/sys/fs/bpf/aegis")

  public let path: String

  public init(_ path: String) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    self.path = path
  }

  public var description: String { path }

  /// Whether the root contains anything that the caller may see.
  ///
  /// - Throws: `notPermitted` if somebody else may have removed it.
  public var exists: Bool {
    get throws(AegisError) {
      try checkPath()
      return try has(path)
    }
  }

  /// Whether there is anything at a path below the root.
  func has(_ path: String) throws(AegisError) -> Bool {
    try kernel { () throws(SystemError) in try FileSystem.exists(path) }
  }

  var current: String { path + "/current" }
  var previous: String { path + "/previous" }
  var moving: String { path + "/moving" }
  var measuring: String { path + "/" + Self.measuringName }
  /// The program in force, kept beside the one that replaces it during a measurement.
  var measuringProgram: String { measuring + "/" + AEGIS_PROGRAM }
  /// The policy before one that waits for confirmation, and its copy while that is made.
  var saved: String { path + "/saved" }
  var saving: String { path + "/saving" }
  /// The path where the next `current` is made before it is renamed over `current`.
  var staged: String { path + "/next" }
  var program: String { current + "/" + AEGIS_PROGRAM }
  var links: String { path + "/links" }
  var events: String { path + "/events" }
  var geo: String { path + "/" + Self.geoName }
  private var drop: String { path + "/" + Self.dropName }

  /// Where the tables of the drop list of a direction are pinned.
  func drops(_ direction: Direction) -> String {
    direction == .out ? drop + "/" + Self.outName : drop
  }

  /// Where the sets of rules of a direction are pinned.
  func rules(_ direction: Direction) -> String {
    let rules = path + "/" + Self.rulesName
    return direction == .out ? rules + "/" + Self.outName : rules
  }

  func map(_ map: aegis_map) -> String { map.pin(in: current) }

  /// Where the maps of a direction are pinned in a generation.
  static func maps(of direction: Direction, in generation: String) -> String {
    direction == .out ? generation + "/" + outName : generation
  }
  func link(_ ifindex: UInt32) -> String { "\(links)/\(ifindex)" }
  func generation(_ number: Int) -> String { "\(path)/\(Self.generationPrefix)\(number)" }

  /// Whether a name in a generation is that of a map.
  static func isMap(_ name: String) -> Bool { name != outName && !name.hasPrefix(AEGIS_PROGRAM) }

  static let generationPrefix = "gen"
  static let outName = "out"
  static let measuringName = "measuring"
  static let geoName = "geo"
  static let dropName = "drop"
  static let rulesName = "rules"
}
