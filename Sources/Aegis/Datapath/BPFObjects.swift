internal import FoundationEssentials

/// The BPF objects inside this binary; the build-tool plugin adds one base64 string for each.
enum BPFObjects {
  static func decode(_ base64: String) -> [UInt8] {
    Data(base64Encoded: base64).map(Array.init) ?? []
  }

  /// The FNV-1a hash of the datapath in this binary. It is equal for builds of the same sources in the same way.
  static var hash: UInt64 { Layout.fnv1a(aegis.utf8.lazy.map(UInt64.init)) }
}
