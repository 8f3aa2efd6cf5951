internal import FoundationEssentials

/// The BPF objects inside this binary; the build-tool plugin adds one base64 string for each.
enum BPFObjects {
  static func decode(_ base64: String) -> [UInt8] {
    Data(base64Encoded: base64).map(Array.init) ?? []
  }
}
