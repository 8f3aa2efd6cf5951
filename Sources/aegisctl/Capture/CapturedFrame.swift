import Aegis

/// A packet of a capture, as an Ethernet frame.
struct CapturedFrame: Equatable, Sendable {
  /// Nanoseconds since the Unix epoch.
  let time: Int64
  /// The frame, padded with zeros where it was not captured, but never more than `mostBytes`. If the capture holds
  /// too little, it is shorter than an Ethernet header, and empty without the whole header of another link.
  let bytes: [UInt8]
  /// How many of `bytes` were captured.
  let capturedLength: Int
  /// Length on the wire in bytes, with an Ethernet header in place of another one.
  let originalLength: Int
  /// Its position in the file, from 1, as in Wireshark: packets that the filter leaves out are counted.
  let number: Int
  /// Whether the capturing host received or sent it; only cooked captures (`tcpdump -i any`) record this.
  let direction: Direction?

  /// The bytes of a longer frame beyond this have no influence.
  static let mostBytes = PolicyProbe.frameSizes.upperBound

  /// Whether part of the frame is missing from `bytes` or was not captured.
  var isCut: Bool { capturedLength < originalLength }
}
