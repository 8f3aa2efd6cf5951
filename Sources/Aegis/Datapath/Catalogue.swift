internal import BPF
internal import CAegis
internal import Linux

/// The catalogue of maps in `bpf/abi/catalogue.h`.
extension aegis_map {
  /// All maps, in the order of the catalogue.
  static let all = (0..<AEGIS_MAPS.rawValue).map(aegis_map.init(rawValue:))

  var row: aegis_map_row { aegis_map_row(self) }

  /// The name of the variable in the BPF object, and of the pin.
  var name: String { String(cString: row.name) }

  /// The path of the pin in a generation, or in a saved policy.
  func pin(in directory: String) -> String { directory + "/" + name }

  /// Whether two generations have the very same map.
  func isShared(by one: String, _ other: String) throws(SystemError) -> Bool {
    let id = try AnyBPFMap(pinnedAt: pin(in: one)).info().id
    return try AnyBPFMap(pinnedAt: pin(in: other)).info().id == id
  }

  /// Whether the map holds what an operator declared.
  var isDeclared: Bool {
    switch row.role {
    case AEGIS_ROLE_SETTINGS, AEGIS_ROLE_DROPS, AEGIS_ROLE_KEYS, AEGIS_ROLE_RATES,
      AEGIS_ROLE_KEY_RATES, AEGIS_ROLE_NOTES, AEGIS_ROLE_CLASSES, AEGIS_ROLE_LISTS,
      AEGIS_ROLE_RULES:
      true
    default: false
    }
  }

  /// Whether it holds keys.
  var isOfKeys: Bool { row.role == AEGIS_ROLE_KEYS }

  /// Whether each direction has its own.
  var isOfOneDirection: Bool { row.scope == AEGIS_SCOPE_EACH }

  /// The flags of the map of a direction. Hardly anybody has many keys for what leaves: there, an entry takes memory
  /// only once it exists.
  func flags(_ direction: Direction) -> UInt32 {
    guard direction == .out, isOfKeys, row.type == BPF_MAP_TYPE_HASH.rawValue else {
      return row.flags
    }
    return row.flags | UInt32(BPF_F_NO_PREALLOC)
  }

  static func with(_ fate: aegis_map_replace) -> [aegis_map] {
    all.filter { $0.row.replace == fate }
  }
}
