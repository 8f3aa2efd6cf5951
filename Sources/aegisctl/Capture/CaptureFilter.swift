import Aegis
import CLibPCap

/// An expression as described in `pcap-filter(7)`.
enum CaptureFilter {
  /// - Returns: A program for `capture_free`.
  ///
  /// The corresponding C function is `pcap_compile`.
  static func compile(
    _ expression: String, for capture: OpaquePointer
  ) throws(AegisError) -> OpaquePointer {
    if let filter = capture_compile(capture, expression) { return filter }
    let problem = String(cString: pcap_geterr(capture))
    throw AegisError(
      .usage, "filter \(InputText.quoted(expression)): \(problem)",
      hint: problem.hasPrefix("unknown ")
        ? "names are not looked up: write numbers" : "pcap-filter(7) describes expressions")
  }
}
