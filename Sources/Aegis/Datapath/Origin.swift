internal import CAegis
internal import Glibc
internal import Linux

/// Who loaded a datapath.
public struct Origin: Hashable, Sendable {
  /// The version of the ABI: `AEGIS_ABI_VERSION`.
  public let abi: UInt32
  /// The version of the tool.
  public let version: String
  /// Seconds since the Unix epoch.
  public let loadedAt: UInt64
  public let uid: UInt32
  /// The most entries of each family that a drop list may have.
  let drops: UInt32
  /// Distinguishes builds of one layout.
  let object: UInt64

  /// How its layout relates to the layout of this version.
  let relation: Layout.Relation
  /// Reasons that this version does not know, by their numbers.
  private let foreignReasons: [UInt32: Reason]

  init(_ meta: aegis_meta) {
    abi = meta.abi
    version = CText.read(meta.version)
    loadedAt = meta.loaded_at
    uid = meta.uid
    object = meta.object
    drops = meta.drops
    relation = Layout.relation(of: meta)
    foreignReasons = relation == .newer ? Self.foreignReasons(of: meta) : [:]
  }

  private static func foreignReasons(of meta: aegis_meta) -> [UInt32: Reason] {
    var reasons: [UInt32: Reason] = [:]
    withUnsafeBytes(of: meta.reason) { bytes in
      let rows = bytes.bindMemory(to: aegis_reason_row.self)
      for number in AEGIS_REASON_COUNT.rawValue..<AEGIS_REASON_ROOM where number < meta.reasons {
        let row = rows[Int(number)]
        // An action that this version does not know is not a drop.
        let verdict = Verdict(action: row.action) ?? .pass
        reasons[number] = Reason(rawValue: number, verdict, CText.read(row.name))
      }
    }
    return reasons
  }

  /// The reason of a number in the counters of this instance.
  func reason(_ number: UInt32) -> Reason {
    foreignReasons[number] ?? Reason(rawValue: number)
  }

  var isCurrent: Bool { relation == .same }

  /// The `meta` value of a load by this process.
  ///
  /// - Parameters:
  ///   - object: The hash of the program that is put in force.
  ///   - drops: The most entries of a drop list.
  static func meta(
    object: UInt64 = BPFObjects.hash, drops: UInt32 = Capacity().drops
  ) -> aegis_meta {
    var meta = Layout.own
    meta.loaded_at = UInt64(clamping: Clock.realtime())
    meta.uid = getuid()
    meta.object = object
    meta.drops = drops
    CText.write(Version.text, to: &meta.version)
    return meta
  }
}
