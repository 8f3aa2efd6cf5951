import BPF
import FoundationEssentials

/// The BPF objects of the benchmark; the build-tool plugin adds one base64 string for each.
enum BenchObjects {
  static func open(_ base64: String, name: String) throws -> BPFObject {
    try BPFObject(bytes(base64), name: name)
  }

  static func bytes(_ base64: String) -> [UInt8] {
    Data(base64Encoded: base64).map(Array.init) ?? []
  }
}
