@testable import Aegis

/// The compiled datapath, as the tool embeds it.
enum DatapathObject {
  static func bytes() -> [UInt8] { BPFObjects.decode(BPFObjects.aegis) }
}
