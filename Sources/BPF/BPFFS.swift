import CLibBPF
import Linux

/// The BPF file system, which holds pins.
public enum BPFFS {
  /// Whether a path, or its nearest parent that exists, lies in a BPF file system.
  ///
  /// The corresponding C function is `statfs`.
  public static func isMounted(at path: String) -> Bool {
    FileSystem.kind(at: path) == Int(BPF_FS_MAGIC)
  }
}
