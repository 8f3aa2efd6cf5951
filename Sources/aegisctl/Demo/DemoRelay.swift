import Aegis
import Linux

/// A relay that forwards for a user with a token only.
struct DemoRelay {
  private static let files = "/mnt"
  private static let keys = files + "/relay.keys"
  private static let port: UInt16 = 4500
  private static let count = 100

  func run() throws {
    let stage = try DemoStage.relay()
    try stage.sandbox.addFiles(at: Self.files)
    let (port, other) = (DemoSandbox.ports[0], DemoSandbox.ports[1])
    let (client, stranger) = (DemoStage.known, DemoStage.noisy)

    DemoStage.say("The relay needs a master key, from which all tokens are made.")
    try stage.aegisctl("load", "--max-users", "100", "--quiet")
    try stage.aegisctl("attach", port, other)
    try stage.shell(
      "(umask 077; echo 1 $(od -An -N16 -tx1 /dev/urandom | tr -d ' ') >\(Self.keys))")
    try stage.aegisctl(
      "set-relay", "--listen", "10.0.0.1:\(Self.port)", "--port-range", "10000-10099",
      "--key-file", Self.keys, "--forward", port, "--forward", other)

    DemoStage.say("A user, where its packets go to, and a token for it.")
    try stage.aegisctl("relay-user", "alice", "--to", "10.0.1.2:\(DemoSandbox.port)")
    try stage.aegisctl("relay-token", "alice", "--ttl", "1h")

    DemoStage.say("Its client sends each payload with a header, which the relay removes.")
    let packets = try packets()
    stage.send(packets, from: client, port: Self.port)

    DemoStage.say(
      "The destination sees the relay only. Its answers go there, and come to the client.")
    stage.answer(Self.count, by: try user().ownPort, to: client)

    DemoStage.say("Somebody has recorded the packets, and sends them once more.")
    stage.send(packets, from: stranger, port: Self.port)

    DemoStage.say("New packets, whose tag is wrong in one bit.")
    stage.send(try self.packets().map(Self.damaged), from: stranger, port: Self.port)

    DemoStage.say("And packets of a stranger, without any header.")
    stage.send(
      [[UInt8]](repeating: DemoSandbox.payload, count: Self.count), from: stranger, port: Self.port)

    DemoStage.say("The client still gets its answers: none of these packets has moved it.")
    stage.answer(Self.count, by: try user().ownPort, to: client)

    DemoStage.say("What was decided, and for whom?")
    try stage.aegisctl("stats")
    try stage.aegisctl("stats", "--by", "user")
    try stage.aegisctl("dump", "users")

    DemoStage.say("Without its user the token is worth nothing.")
    let late = try self.packets()
    try stage.aegisctl("relay-user", "--remove", "alice")
    stage.send(late, from: client, port: Self.port)
    try stage.aegisctl("unload", "--force")
  }

  private static func name() throws -> RelayName { try RelayName("alice") }

  private func user() throws -> RelayUser {
    let users = RelayUsers(try Datapath(at: .standard))
    guard let user = try users.user(Self.name()) else {
      throw AegisError(.failed, "the relay has lost its user")
    }
    return user
  }

  /// Each with a counter of its own.
  private func packets() throws -> [[UInt8]] {
    let token = try RelayStore(Datapath(at: .standard))
      .token(for: Self.name(), ttl: .seconds(3600))
    let now = UInt64(Clock.realtimeNanoseconds() / 1000)
    return (0..<UInt64(Self.count)).map { token.packet(DemoSandbox.payload, counter: now + $0) }
  }

  /// The tag is the last field of the header.
  private static func damaged(_ packet: [UInt8]) -> [UInt8] {
    var packet = packet
    packet[RelayToken.overhead - 1] ^= 1
    return packet
  }
}
