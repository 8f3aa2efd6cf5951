import Aegis
import Glibc
import Linux

/// Two network namespaces connected by a veth pair, and a separate BPF file system.
///
/// None of them has a name outside this process; they disappear when the process ends, for whatever reason.
struct DemoSandbox: ~Copyable {
  /// The interface on the protected side.
  static let interface = "demo0"
  static let address: UInt32 = 0x0a00_0001
  static let port: UInt16 = 7

  private let receiver: UDPSocket
  private let senders: [UInt32: Sender]
  /// Of a gateway: the left end and the right one.
  let ends: [DemoEnd]

  final class Sender: Sendable {
    let socket: UDPSocket

    init(_ address: UInt32) throws(SystemError) {
      socket = try UDPSocket(address: address, port: 0)
    }
  }

  /// Moves this process to the protected side. `sources`: addresses of the other side, 10.0.0.2 and up.
  init(sources: [UInt32]) throws(AegisError) {
    let senders = try kernel { () throws(SystemError) in try Self.enter(sources) }
    let receiver = try kernel { () throws(SystemError) in
      try UDPSocket(address: Self.address, port: Self.port)
    }
    self.init(receiver: receiver, senders: senders, ends: [])
  }

  init(receiver: consuming UDPSocket, senders: [UInt32: Sender], ends: [DemoEnd]) {
    self.receiver = receiver
    self.senders = senders
    self.ends = ends
  }

  private static func enter(_ sources: [UInt32]) throws(SystemError) -> [UInt32: Sender] {
    setenv(PinRoot.sandboxVariable, "1", 1)
    let namespaces = try NamespacePair(mountingBPFAt: "/sys/fs/bpf")
    hideSystemLog()
    try ip("link add \(interface) type veth peer name peer0")
    try ip("link set peer0 netns \(namespaces.awayPath)")
    try bringUp(interface, [address])
    return try namespaces.inAway { () throws(SystemError) in
      try bringUp("peer0", sources)
      return try senders(sources)
    }.get()
  }

  /// The host's log must not tell of changes to something that is not the host's. Without the socket there is nothing
  /// to hide.
  ///
  /// The corresponding C function is `mount`.
  static func hideSystemLog() {
    _ = mount("/dev/null", "/dev/log", nil, UInt(MS_BIND), nil)
  }

  static func senders(_ sources: [UInt32]) throws(SystemError) -> [UInt32: Sender] {
    var senders: [UInt32: Sender] = [:]
    for source in sources { senders[source] = try Sender(source) }
    return senders
  }

  static func bringUp(_ interface: String, _ addresses: [UInt32]) throws(SystemError) {
    // Without IPv6 chatter, every counted packet is one that was sent.
    try ip("link set \(interface) addrgenmode none")
    for address in addresses { try ip("addr add \(IPAddress.v4(address))/24 dev \(interface)") }
    try ip("link set \(interface) up")
  }

  static func ip(_ arguments: String) throws(SystemError) {
    try succeed(["ip"] + arguments.split(separator: " ").map(String.init))
  }

  static func succeed(_ command: [String]) throws(SystemError) {
    let status = try ChildProcess.run(command)
    if status != 0 {
      throw SystemError(
        operation: "run", subject: command.joined(separator: " "), errno: ECANCELED)
    }
  }

  /// Runs a command on the protected side and returns its exit status.
  func run(_ arguments: [String]) throws(AegisError) -> Int32 {
    try kernel { () throws(SystemError) in try ChildProcess.run(arguments) }
  }

  /// Mounts memory for files at an existing directory.
  func addFiles(at directory: String) throws(AegisError) {
    try kernel { () throws(SystemError) in try MountNamespace.mountMemory(at: directory) }
  }

  static let payload = [UInt8](repeating: 0, count: 64)

  /// Sends datagrams from the other side and returns how many arrived.
  func send(_ payloads: [[UInt8]], from source: UInt32, port: UInt16 = port) -> Int {
    guard let sender = senders[source] else { return 0 }
    _ = receiver.drain()
    for payload in payloads { sender.socket.send(payload, to: Self.address, port: port) }
    usleep(50_000)
    return receiver.drain()
  }

  /// Sends datagrams from the protected side to a port of the relay and returns how many came to an address of the
  /// other side.
  func answer(_ count: Int, by port: UInt16, to source: UInt32) -> Int {
    guard let sender = senders[source] else { return 0 }
    _ = sender.socket.drain()
    for _ in 0..<count { receiver.send(Self.payload, to: Self.address, port: port) }
    usleep(50_000)
    return sender.socket.drain()
  }

  /// Traffic that continues until this value is destroyed.
  struct Traffic: ~Copyable {
    fileprivate let thread: PacedThread
  }

  /// Makes a source send `rate` datagrams per second, at least 1000, for at most a minute.
  func traffic(from source: UInt32, perSecond rate: Int) -> Traffic? {
    guard let sender = senders[source] else { return nil }
    return Traffic(
      thread: PacedThread(rate: rate, limit: 60) {
        sender.socket.send(Self.payload, to: Self.address, port: Self.port)
      })
  }
}
