import BPF
import Foundation
import Linux
import TestSupport

/// Somebody else's XDP program, pinned while this lives: it passes everything.
final class ForeignProgram {
  let pin: String
  private let directory = "/sys/fs/bpf/aegis-foreign-\(RandomName.hex(8))"

  init() throws {
    pin = directory + "/program"
    try FileSystem.makeDirectory(directory)
    guard let bytes = Data(base64Encoded: Self.object, options: .ignoreUnknownCharacters) else {
      throw SupportError("not base64")
    }
    var object = try BPFObject(Array(bytes), name: "foreign")
    try object.load()
    try object.pinProgram("foreign", at: pin)
  }

  deinit { try? FileSystem.removeTree(directory) }

  /// `clang -target bpf -O2` of
  /// `__attribute__((section("xdp"), used)) int foreign(void *context) { return 2; }`.
  private static let object = """
    f0VMRgIBAQAAAAAAAAAAAAEA9wABAAAAAAAAAAAAAAAAAAAAAAAAAOAAAAAAAAAAAAAAAEAAAAAAAEAABwABALQAAAAC
    AAAAlQAAAAAAAABHUEwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAsAAAASAAMAAAAAAAAAAAAQAAAAAAAAACEA
    AAARAAQAAAAAAAAAAAAEAAAAAAAAAAIALnRleHQAeGRwAGZvcmVpZ24ALmxsdm1fYWRkcnNpZwBfbGljZW5zZQAuc3Ry
    dGFiAC5zeW10YWIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    AAAAAAAAAAAAAAAAKgAAAAMAAAAAAAAAAAAAAAAAAAAAAAAAoQAAAAAAAAA6AAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAA
    AAAAAAAAAAEAAAABAAAABgAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAA
    AAAHAAAAAQAAAAYAAAAAAAAAAAAAAAAAAABAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAIAAAAAAAAAAAAAAAAAAAAIgAA
    AAEAAAADAAAAAAAAAAAAAAAAAAAAUAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAABMAAAADTP9v
    AAAAgAAAAAAAAAAAAAAAAKAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAyAAAAAgAAAAAAAAAA
    AAAAAAAAAAAAAABYAAAAAAAAAEgAAAAAAAAAAQAAAAEAAAAIAAAAAAAAABgAAAAAAAAA
    """
}
