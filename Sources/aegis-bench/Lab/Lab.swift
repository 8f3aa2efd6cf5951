import Glibc
import Linux

/// The network namespaces for all measurements, separate from the host.
final class Lab {
  /// The subjects are attached at home, where the main thread stays.
  let namespaces: NamespacePair
  /// An interface without traffic: programs attached to it run tests without waiting for the grace periods of
  /// inserting them into the dispatcher.
  let idle: UInt32
  private var number = 0
  private var veths = 0

  static let idleName = "idle0"
  static let pins = "/sys/fs/bpf"

  init() throws {
    namespaces = try NamespacePair(mountingBPFAt: Self.pins)
    try Shell.run("ip link add \(Self.idleName) type veth peer name idle1")
    guard let idle = Interface.index(of: Self.idleName) else {
      throw Shell.Failure(command: "ip link add", output: "no \(Self.idleName)")
    }
    self.idle = idle
  }

  func veth() throws -> VethPair {
    veths += 1
    return try VethPair(veths, in: self)
  }

  /// A path for pins that nothing else uses.
  func pinPath() -> String {
    number += 1
    return "\(Self.pins)/bench\(number)"
  }
}
