import BPF
import Foundation
import Linux
import TestSupport

/// Somebody else's program of tc, pinned while this lives: it leaves every packet to the next one.
final class ForeignTraffic {
  let pin: String
  private let directory = "/sys/fs/bpf/aegis-foreign-\(RandomName.hex(8))"

  /// - Parameter tagging: Whether it gives each packet a VLAN tag, which goes beside the data of the buffer.
  init(tagging: Bool = false) throws {
    pin = directory + "/program"
    try FileSystem.makeDirectory(directory)
    guard
      let bytes = Data(
        base64Encoded: tagging ? Self.taggingObject : Self.object, options: .ignoreUnknownCharacters
      )
    else {
      throw SupportError("not base64")
    }
    var object = try BPFObject(Array(bytes), name: "foreign")
    try object.load()
    try object.pinProgram("foreign", at: pin)
  }

  deinit { try? FileSystem.removeTree(directory) }

  /// The number of its program.
  var id: UInt32 {
    get throws { try BPFProgram(pinnedAt: pin).info().id }
  }

  /// Puts it in a link, before all others; pinned while this lives.
  func link(_ direction: TrafficDirection, of index: UInt32, in sandbox: Sandbox) throws {
    let pin = pin
    try sandbox.inside(.host) {
      try BPFLink(attaching: BPFProgram(pinnedAt: pin), to: direction, of: index)
        .pin(at: "\(pin)-\(direction)")
    }
  }

  /// `clang -target bpf -O2` of
  /// `__attribute__((section("tc"), used)) int foreign(void *context) { return -1; }`.
  private static let object = """
    f0VMRgIBAQAAAAAAAAAAAAEA9wABAAAAAAAAAAAAAAAAAAAAAAAAANAAAAAAAAAAAAAAAEAAAAAAAEAABgABALQAAAD/////lQAA
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAABADx/wAAAAAAAAAAAAAAAAAAAAAHAAAAEgADAAAAAAAAAAAAEAAAAAAA
    AAACAC50ZXh0AGZvcmVpZ24ALmxsdm1fYWRkcnNpZwB0YwBmLmMALnN0cnRhYgAuc3ltdGFiAAAAAAAAAAAAAAAAAAAAAAAAAAAA
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkAAAAAwAAAAAAAAAAAAAAAAAAAAAAAACZAAAA
    AAAAADQAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAGAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAA
    AAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAB0AAAABAAAABgAAAAAAAAAAAAAAAAAAAEAAAAAAAAAAEAAAAAAAAAAAAAAAAAAAAAgA
    AAAAAAAAAAAAAAAAAAAPAAAAA0z/bwAAAIAAAAAAAAAAAAAAAACYAAAAAAAAAAEAAAAAAAAABQAAAAAAAAABAAAAAAAAAAAAAAAA
    AAAALAAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAUAAAAAAAAABIAAAAAAAAAAEAAAACAAAACAAAAAAAAAAYAAAAAAAAAA==
    """

  /// The same with `bpf_skb_vlan_push(context, 0x8100, 7);` before it.
  private static let taggingObject = """
    f0VMRgIBAQAAAAAAAAAAAAEA9wABAAAAAAAAAAAAAAAAAAAAAAAAAOgAAAAAAAAAAAAAAEAAAAAAAEAABgABALQCAACBAAAAtAMA
    AAcAAACFAAAAEgAAALQAAAD/////lQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAgAAAABADx/wAAAAAAAAAAAAAAAAAA
    AAAHAAAAEgADAAAAAAAAAAAAKAAAAAAAAAACAC50ZXh0AGZvcmVpZ24ALmxsdm1fYWRkcnNpZwB0YwBnLmMALnN0cnRhYgAuc3lt
    dGFiAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAkAAAA
    AwAAAAAAAAAAAAAAAAAAAAAAAACxAAAAAAAAADQAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAGAAAAAAAA
    AAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAB0AAAABAAAABgAAAAAAAAAAAAAAAAAAAEAA
    AAAAAAAAKAAAAAAAAAAAAAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAPAAAAA0z/bwAAAIAAAAAAAAAAAAAAAACwAAAAAAAAAAEAAAAA
    AAAABQAAAAAAAAABAAAAAAAAAAAAAAAAAAAALAAAAAIAAAAAAAAAAAAAAAAAAAAAAAAAaAAAAAAAAABIAAAAAAAAAAEAAAACAAAA
    CAAAAAAAAAAYAAAAAAAAAA==
    """
}
