import Aegis

/// A packet of a capture, as an Ethernet frame.
struct CapturedFrame: Equatable, Sendable {
  /// Nanoseconds since the Unix epoch.
  let time: Int64
  /// The frame, with zeros for what was not captured, but never more than `mostBytes`. It is what the
  /// capture holds: it may be shorter than an Ethernet header, and is empty without the whole header of another link.
  let bytes: [UInt8]
  /// How many of `bytes` were captured.
  let capturedLength: Int
  /// Bytes that it had on the wire, with an Ethernet header in place of another.
  let originalLength: Int
  /// Its place in the file, from 1, as Wireshark counts: what a filter leaves out counts too.
  let number: Int
  /// Whether the host sent it that captured it; only cooked captures (`tcpdump -i any`) tell.
  let isOutgoing: Bool

  /// Of a longer one there is nothing to be learned from the rest.
  static let mostBytes = PolicyProbe.frameSizes.upperBound

  /// Whether not all of it was captured or is given.
  var isCut: Bool { capturedLength < originalLength }
}
