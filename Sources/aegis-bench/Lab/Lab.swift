import Glibc
import Linux

/// Two network namespaces and a BPF file system without a name outside this process, with which they go.
final class Lab {
  /// Where the subjects are attached; the main thread is in it.
  let home: FileDescriptor
  /// Where packets come from.
  let away: FileDescriptor
  /// An interface that no packet comes through: programs that are attached run tests without waiting for
  /// the grace periods of putting them into the dispatcher.
  let idle: UInt32
  private var number = 0
  private var roads = 0

  static let idleName = "idle0"
  static let pins = "/sys/fs/bpf"

  init() throws {
    try MountNamespace.unshare()
    try MountNamespace.mountBPF(at: Self.pins)
    try NetworkNamespace.unshare()
    away = try NetworkNamespace.current()
    try NetworkNamespace.unshare()
    home = try NetworkNamespace.current()
    try Shell.run("ip link add \(Self.idleName) type veth peer name idle1")
    guard let idle = Interface.index(of: Self.idleName) else {
      throw Shell.Failure(command: "ip link add", output: "no \(Self.idleName)")
    }
    self.idle = idle
  }

  func road() throws -> Road {
    roads += 1
    return try Road(roads, in: self)
  }

  /// A path for pins that nothing else has.
  func pinPath() -> String {
    number += 1
    return "\(Self.pins)/bench\(number)"
  }
}
