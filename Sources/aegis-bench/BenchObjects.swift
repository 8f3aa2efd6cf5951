import BPF
import FoundationEssentials

/// The BPF objects of the benchmark; the build-tool plugin adds one base64 string for each.
enum BenchObjects {
  static func open(_ base64: String, name: String) throws -> BPFObject {
    let bytes = Data(base64Encoded: base64).map(Array.init) ?? []
    return try BPFObject(bytes, name: name)
  }
}
