import TestSupport
import Testing

@testable import Aegis
@testable import TestModel

/// An interface of the host that is attached for what leaves by it.
final class Leaving: Sendable {
  static let isPossible = KernelVersion.running >= KernelVersion(6, 6)

  private let interface: String
  private let root: PinRoot
  private let sender: FrameSender

  init(_ live: Live, by interface: String? = nil) throws {
    self.interface = interface ?? live.interface
    root = PinRoot(live.aegis.root)
    sender = try live.sandbox.frameSender(out: self.interface, of: .host)
    try live.ok(["attach", self.interface, "--direction", "out"])
  }

  func send(_ frames: [Frame]) throws {
    for frame in frames { try sender.sendOrLose(frame.bytes) }
  }

  /// The packets that were judged.
  func packets() throws -> UInt64 {
    let datapath = try Datapath(at: root)
    let attachment = try Interfaces(datapath).attachments()
      .first { $0.name == interface && $0.direction == .out }
    let counts = try datapath.counts(of: #require(attachment))
    return Verdict.allCases.reduce(0) { $0 + counts.total($1).packets }
  }
}

extension Frame {
  /// The same with source and destination in each other's place, where its header says which they are.
  var turned: Frame {
    guard let link = LinkHeader(bytes) else { return self }
    let (start, length) = link.etherType == Self.ipv6 ? (8, 16) : (12, 4)
    let source = link.length + start
    guard [Self.ipv4, Self.ipv6].contains(link.etherType), source + 2 * length <= bytes.count
    else { return self }
    var turned = self
    let addresses = bytes[source..<source + 2 * length]
    turned.bytes.replaceSubrange(
      source..<source + 2 * length, with: addresses.suffix(length) + addresses.prefix(length))
    return turned
  }
}
