import Aegis

@testable import aegisctl

extension CaptureReader {
  /// All frames, and what ended them.
  static func all(
    _ path: String, filter: String? = nil
  ) -> (frames: [CapturedFrame], error: AegisError?) {
    var frames: [CapturedFrame] = []
    do throws(AegisError) {
      var reader = try CaptureReader(path, filter: filter)
      while let frame = try reader.next() { frames.append(frame) }
      return (frames, nil)
    } catch {
      return (frames, error)
    }
  }
}
