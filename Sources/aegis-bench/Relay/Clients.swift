import Aegis
import BPF
import CBench
import FoundationEssentials
import Glibc
import Linux

/// The users of a relay, and what their clients send: UDP over IPv4 with a token in each packet, from one processor.
final class Clients {
  static let processor = 0
  static let port: UInt16 = 4500
  private static let source: UInt32 = 0xc000_0201  // 192.0.2.1

  /// What a relay needs to check tokens.
  let master: (UInt64, UInt64)
  let keys: [RelayKey]

  private static let keyNumber: UInt8 = 1
  private let lab: Lab
  private let program: ProgramUnderTest
  private let link: BPFLink
  /// Where the program is attached, so that a test run needs no grace period.
  private let idle: VethPair
  private let request: BPFMap<UInt32, bench_request>
  private let sent: BPFMap<UInt32, UInt32>
  private let tokens: FileDescriptor
  private var counter: UInt64 = 0

  init(in lab: Lab) throws {
    var object = try BenchObjects.open(BenchObjects.client, name: "client")
    try object.load()
    self.lab = lab
    program = try ProgramUnderTest("clients", object.programDescriptor("send_request"))
    request = try BPFMap(object.mapDescriptor("request"), name: "request")
    sent = try BPFMap(object.mapDescriptor("sent"), name: "sent")
    tokens = try object.mapDescriptor("tokens")
    idle = try lab.veth()
    link = try BPFLink(attaching: program.program, to: idle.index, mode: .native)
    master = (.random(in: 0 ... .max), .random(in: 0 ... .max))
    keys = try Self.keys(master)
  }

  private static func keys(_ master: (UInt64, UInt64)) throws -> [RelayKey] {
    let bytes = [master.0, master.1].flatMap { half in
      (0..<8).map { UInt8(truncatingIfNeeded: half >> (8 * UInt64($0))) }
    }
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let path = "/dev/shm/aegis-bench-\(UInt64.random(in: 0 ... .max))"
    let file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw SystemError(operation: "create", subject: path, errno: errno) }
    close(file)
    defer { unlink(path) }
    try Data("\(keyNumber) \(digits)\n".utf8).write(to: URL(filePath: path))
    return try RelayKeyFile.read(path)
  }

  /// What is sent, and to which relay.
  struct Traffic {
    /// Bytes behind the token.
    let payload: Int
    let seconds: Double
    /// They take turns at random.
    let users: [bench_user]
    /// Whether no tag is right.
    var isFalse = false
  }

  func run(_ traffic: Traffic, down veth: VethPair) throws -> Generator.Sent {
    let size = Int(BENCH_HEADERS) + RelayToken.overhead + traffic.payload
    let frame = Frame.udp(from: Self.source, port: Self.port, size: size, isForOthers: false)
    var work = bench_request()
    work.interface = veth.farIndex
    withUnsafeMutableBytes(of: &work.headers) {
      $0.copyBytes(from: frame.prefix(Int(BENCH_HEADERS)))
    }
    try request.update(work, forKey: 0)
    try sign(traffic)
    try sent.update(0, forKey: 0)
    let processorSeconds = try lab.send(
      frame, through: program, 100_000, seconds: traffic.seconds, on: [Self.processor])
    let packets = try sent.value(forKey: 0) ?? 0
    guard packets < BENCH_TOKENS else {
      throw Shell.Failure(command: "clients", output: "no token is left after \(packets) packets")
    }
    counter += UInt64(packets)
    return Generator.Sent(packets: UInt64(packets), processorSeconds: processorSeconds)
  }

  /// Makes the tokens of the next packets. No relay has seen their counters.
  private func sign(_ traffic: Traffic) throws {
    let clock = ClockReading.now()
    counter = max(counter, UInt64(clock.realtime) / 1000)
    var clients = bench_clients()
    clients.master = master
    clients.key = UInt32(Self.keyNumber)
    clients.expires = UInt32(clock.realtime / 1_000_000_000 + 3600)
    clients.counter = counter
    clients.count = UInt32(traffic.users.count)
    clients.length = UInt32(8 + RelayToken.overhead + traffic.payload)
    clients.is_false = traffic.isFalse ? 1 : 0
    let code = traffic.users.withUnsafeBufferPointer { users in
      clients.users = users.baseAddress
      return bench_sign(tokens.rawValue, &clients)
    }
    if code < 0 { throw SystemError(operation: "sign", subject: "tokens", errno: -code) }
  }
}
