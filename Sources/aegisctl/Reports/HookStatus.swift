import Aegis

/// The operator's own program, as `status` shows it.
struct HookStatus: Encodable {
  /// Null if the program is lost.
  let name: String?
  /// The absolute path of its object; null if that is unknown.
  let file: String?
  /// The hash of its instructions.
  let tag: String?
  let program: UInt32?
  let onMissing: String
  /// Packets given to it since the datapath's program was loaded.
  let packets: UInt64
  /// Those of them that it ended itself, and that are counted nowhere else.
  let uncounted: UInt64

  /// nil if none is set.
  init?(_ datapath: Datapath) throws(AegisError) {
    guard let status = try Hook(datapath).status() else { return nil }
    (name, file, tag, program) = (status.name, status.file, status.tag, status.program)
    (packets, uncounted) = (status.packets, status.uncounted)
    onMissing = status.onMissing.rawValue
  }

  /// `match, tag 3b185187f1855c4c, 1200 packets`
  var text: String {
    guard let name, let tag else { return "LOST, until you run: aegisctl repair" }
    let ended = uncounted == 0 ? [] : ["\(uncounted) of them ended without aegis_finish()"]
    let closed = onMissing == Hook.Missing.drop.rawValue ? ["drop if it is missing"] : []
    return ([name, "tag \(tag)"] + closed + ["\(packets) packets"] + ended).joined(separator: ", ")
  }
}
