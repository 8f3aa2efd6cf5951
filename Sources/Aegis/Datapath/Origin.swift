internal import BPF
internal import CAegis
internal import Glibc

/// Who loaded a datapath.
public struct Origin: Hashable, Sendable {
  /// Of the ABI: `AEGIS_ABI_VERSION`.
  public let abi: UInt32
  /// Of the tool.
  public let version: String
  /// Seconds since the Unix epoch.
  public let loadedAt: UInt64
  public let uid: UInt32
  /// Tells builds of one layout apart.
  let object: UInt64

  init(_ meta: aegis_meta) {
    abi = meta.abi
    version = CText.read(meta.version)
    loadedAt = meta.loaded_at
    uid = meta.uid
    object = meta.object
  }

  var isCurrent: Bool { abi == AEGIS_ABI_VERSION }

  /// The `meta` value of a load by this process.
  ///
  /// - Parameter object: Of the program that is put in force.
  static func meta(object: UInt64 = BPFObjects.hash) -> aegis_meta {
    var meta = aegis_meta()
    meta.layout = Layout.hash
    meta.loaded_at = UInt64(clamping: Clock.realtime())
    meta.abi = AEGIS_ABI_VERSION
    meta.uid = getuid()
    meta.object = object
    CText.write(Version.text, to: &meta.version)
    return meta
  }
}
