import BPF
import Linux

/// A wire that only redirects, and a count of the frames that leave wires at their far ends.
final class Crossing {
  /// Sends every frame to the port that it is aimed at.
  let redirect: ProgramUnderTest
  private let port: BPFMap<UInt32, UInt32>
  private let end: ProgramUnderTest
  private let arrivals: PerCPUMap<UInt64>

  init() throws {
    var object = try BenchObjects.open(BenchObjects.wire, name: "wire")
    try object.load()
    redirect = try ProgramUnderTest("bare XDP redirect", object.programDescriptor("cross"))
    end = try ProgramUnderTest("end", object.programDescriptor("arrive"))
    port = try BPFMap(object.mapDescriptor("port"), name: "port")
    arrivals = try PerCPUMap(object.mapDescriptor("arrived"), name: "arrived")
  }

  func aim(at interface: UInt32) throws { try port.update(interface, forKey: 0) }

  /// Counts and drops what arrives at the far end of a veth.
  func receive(at veth: VethPair, in lab: Lab) throws -> Receiver {
    try lab.inAway { try Receiver(end, at: veth.farIndex) }
  }

  /// Receives as long as it lives.
  final class Receiver {
    private let link: BPFLink

    fileprivate init(_ end: ProgramUnderTest, at interface: UInt32) throws {
      link = try BPFLink(attaching: end.program, to: interface, mode: .native)
    }
  }

  /// Frames that arrived so far, at all ends.
  func arrived() throws -> UInt64 { try arrivals.values(at: 0).reduce(0, +) }
}
