import BPF
import Linux
import TestSupport

@testable import Aegis
@testable import TestModel

/// The program for what leaves, on an interface of the host, which has no slot.
final class Leaving: Sendable {
  static let isPossible = KernelVersion.running >= KernelVersion(6, 6)

  private let link: BPFLink
  private let sender: FrameSender
  private let root: PinRoot

  private init(_ link: consuming BPFLink, _ sender: FrameSender, _ root: PinRoot) {
    self.link = link
    self.sender = sender
    self.root = root
  }

  static func by(_ interface: String, of live: Live) throws -> Leaving {
    let (root, name) = (PinRoot(live.aegis.root), "aegis_out")
    let sender = try live.sandbox.frameSender(out: interface, of: .host)
    return try live.sandbox.inside(.host) {
      let object = try Datapath(at: root)[.out].load(build: BPFObjects.out, named: name)
      let program = BPFProgram(try object.programDescriptor(name), name: name)
      guard let index = Interface.index(of: interface) else { throw SupportError("no interface") }
      return Leaving(try BPFLink(attaching: program, to: .egress, of: index), sender, root)
    }
  }

  func send(_ frames: [Frame]) throws { try sender.send(frames.map(\.bytes)) }

  /// The packets that it has judged.
  func packets() throws -> UInt64 {
    let counts = try Datapath(at: root).otherCounts()
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
