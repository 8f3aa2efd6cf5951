internal import CAegis

/// Distinguishes the layouts of two versions of one ABI.
enum Layout {
  /// A fingerprint of all struct layouts.
  static let hash: UInt64 = {
    let maps = aegis_map.all.flatMap { map in
      let row = map.row
      return map.name.utf8.map(UInt64.init)
        + [row.type, row.flags, row.entries, row.key_size, row.value_size].map(UInt64.init)
    }
    let names = Reason.allCases.flatMap { $0.name.utf8.map(UInt64.init) }
    let constants = [
      AEGIS_ABI_VERSION, AEGIS_SLOTS, AEGIS_WAYS, AEGIS_FINE_SHIFT, AEGIS_STAGES_KNOWN.rawValue,
    ]
    return fnv1a(maps + names + constants.map(UInt64.init))
  }()

  /// How the loaded layout relates to this version.
  enum Relation {
    case same
    /// The loaded layout lacks what this version adds.
    case older
    /// The loaded layout adds what this version does not know.
    case newer
    /// The loaded layout has an earlier ABI, from which there is a migration.
    case past
    case foreign
  }

  static func relation(of meta: aegis_meta) -> Relation {
    if Migration.isKnown(meta) { return .past }
    guard meta.abi == AEGIS_ABI_VERSION else { return .foreign }
    if meta.layout == hash { return .same }
    let (theirs, ours) = (extent(of: meta), extent(of: own))
    // The layout differs without growing or shrinking: somebody changed it and kept the number of the ABI.
    if theirs == ours { return .foreign }
    if zip(theirs, ours).allSatisfy({ $0 >= $1 }) { return .newer }
    if zip(theirs, ours).allSatisfy({ $0 <= $1 }) { return .older }
    return .foreign
  }

  /// Numbers that can only grow.
  private static func extent(of meta: aegis_meta) -> [UInt64] {
    [meta.stages, UInt64(meta.maps), UInt64(meta.reasons), UInt64(meta.value_size)]
  }

  /// The part of `meta` that describes this version.
  static let own: aegis_meta = {
    var meta = aegis_meta()
    meta.layout = hash
    meta.abi = AEGIS_ABI_VERSION
    meta.stages = UInt64(AEGIS_STAGES_KNOWN.rawValue)
    meta.maps = AEGIS_MAPS.rawValue
    meta.reasons = AEGIS_REASON_COUNT.rawValue
    meta.value_size = aegis_map.all.reduce(0) { $0 + $1.row.value_size }
    withUnsafeMutableBytes(of: &meta.reason) { bytes in
      let rows = bytes.bindMemory(to: aegis_reason_row.self)
      for reason in Reason.allCases {
        let text = aegis_reason_text(reason.rawValue)
        CText.write(String(cString: text.name), to: &rows[Int(reason.rawValue)].name)
        rows[Int(reason.rawValue)].action = text.action.rawValue
      }
    }
    return meta
  }()

  /// The hash function FNV-1a, over words.
  static func fnv1a(_ words: some Sequence<UInt64>) -> UInt64 {
    words.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ $1) &* 0x100_0000_01b3 }
  }
}
