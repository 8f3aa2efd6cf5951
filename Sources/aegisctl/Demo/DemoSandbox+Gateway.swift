import Aegis
import Glibc
import Linux

extension DemoSandbox {
  /// The ports of the gateway, which lead to the left and to the right end.
  static let ports = ["demo0", "demo1"]
  /// Of the right port and the right end, if packets are relayed.
  static let relayAddress: UInt32 = 0x0a00_0101
  static let destination: UInt32 = 0x0a00_0102

  /// Moves this process to a gateway without addresses. `sources`: addresses of the left end, 10.0.0.2 and up; the
  /// protected address is at the right end.
  init(gatewayFor sources: [UInt32]) throws(AegisError) {
    let ends = try kernel { () throws(SystemError) in try Self.enterGateway() }
    let senders = try kernel { () throws(SystemError) in
      try Self.plug(ends[0], into: Self.ports[0], sources)
      return try ends[0].inside { () throws(SystemError) in try Self.senders(sources) }
    }
    let receiver = try kernel { () throws(SystemError) in
      try Self.plug(ends[1], into: Self.ports[1], [Self.address])
      return try ends[1].inside { () throws(SystemError) in
        try UDPSocket(address: Self.address, port: Self.port)
      }
    }
    self.init(receiver: receiver, senders: senders, ends: ends)
  }

  /// Moves this process to a relay. `sources`: addresses of the left end, 10.0.0.2 and up; the relay has the
  /// protected address there.
  init(relayFor sources: [UInt32]) throws(AegisError) {
    let ends = try kernel { () throws(SystemError) in try Self.enterGateway() }
    let senders = try kernel { () throws(SystemError) in
      try Self.plug(ends[0], into: Self.ports[0], sources, own: [Self.address])
      return try ends[0].inside { () throws(SystemError) in try Self.senders(sources) }
    }
    let receiver = try kernel { () throws(SystemError) in
      try Self.plug(ends[1], into: Self.ports[1], [Self.destination], own: [Self.relayAddress])
      return try ends[1].inside { () throws(SystemError) in
        try Self.ip("route add default via \(IPAddress.v4(Self.relayAddress))")
        return try UDPSocket(address: Self.destination, port: Self.port)
      }
    }
    self.init(receiver: receiver, senders: senders, ends: ends)
  }

  private static func enterGateway() throws(SystemError) -> [DemoEnd] {
    setenv(PinRoot.sandboxVariable, "1", 1)
    try MountNamespace.unshare()
    try MountNamespace.mountBPF(at: "/sys/fs/bpf")
    hideSystemLog()
    let ends = [try DemoEnd("left"), try DemoEnd("right")]
    try NetworkNamespace.unshare()
    return ends
  }

  /// Makes the cable between an end and its port, with the settings that a wire and a relay need. `own`: addresses of
  /// the port.
  private static func plug(
    _ end: DemoEnd, into port: String, _ addresses: [UInt32], own: [UInt32] = []
  ) throws(SystemError) {
    try ip("link add \(port) type veth peer name \(end.interface) netns \(end.path)")
    // What is left to a card is lost where there is none. GRO comes first: the driver tells a port what its other end
    // can take when the port is set up.
    try ethtool("\(port) rxvlan off rx-vlan-stag-hw-parse off")
    try end.inside { () throws(SystemError) in try ethtool("\(end.interface) gro on tx off") }
    try bringUp(port, own)
    try end.inside { () throws(SystemError) in try bringUp(end.interface, addresses) }
  }

  /// Without what it prints about settings that depend on others.
  private static func ethtool(_ settings: String) throws(SystemError) {
    try succeed(["sh", "-c", "exec ethtool -K \(settings) >/dev/null"])
  }

  /// Runs a command at an end and returns its exit status.
  func run(_ arguments: [String], at end: DemoEnd) throws(AegisError) -> Int32 {
    try kernel { () throws(SystemError) in
      try end.inside { () throws(SystemError) in try ChildProcess.run(arguments) }
    }
  }
}
