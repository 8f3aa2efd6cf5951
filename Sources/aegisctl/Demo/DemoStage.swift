import Aegis
import ArgumentParser

/// The environment of a demonstration.
struct DemoStage: ~Copyable {
  static let known: UInt32 = 0x0a00_0002
  static let noisy: UInt32 = 0x0a00_0003
  static let stranger: UInt32 = 0x0a00_0004

  let sandbox: DemoSandbox

  init() throws {
    Self.say("Two network namespaces joined by a veth pair; nothing of this host is touched.")
    sandbox = try DemoSandbox(sources: [Self.known, Self.noisy, Self.stranger])
  }

  private init(_ sandbox: consuming DemoSandbox) { self.sandbox = sandbox }

  /// A gateway between two ends.
  static func gateway() throws -> DemoStage {
    say(
      """
      A gateway between two ends, in network namespaces; nothing of this host is touched.
      #
      #   10.0.0.2, 10.0.0.3 left0 --- demo0 gateway demo1 --- right0 10.0.0.1
      """)
    return DemoStage(try DemoSandbox(gatewayFor: [known, noisy]))
  }

  /// A relay between its clients and a destination.
  static func relay() throws -> DemoStage {
    say(
      """
      A relay between its clients and a destination, in network namespaces; nothing of this host is touched.
      #
      #   10.0.0.2, 10.0.0.3 left0 --- demo0 10.0.0.1 relay 10.0.1.1 demo1 --- right0 10.0.1.2
      """)
    return DemoStage(try DemoSandbox(relayFor: [known, noisy]))
  }

  static func say(_ text: String) {
    try? StandardOutput.write("\n# \(text)\n")
  }

  /// Runs the tool, which must succeed.
  func aegisctl(_ words: String...) throws {
    // Quoted where a shell would need it.
    let shown = words.map { $0.contains(" ") ? "'\($0)'" : $0 }.joined(separator: " ")
    try StandardOutput.write("$ aegisctl \(shown)\n")
    let root = ["--pin-root", PinRoot.standard.path]
    let status = try sandbox.run(["/proc/self/exe"] + words + root)
    if status != 0 { throw ExitCode(status) }
  }

  /// Runs a command at the gateway or at one of its ends, which must succeed.
  func run(_ command: String, at end: DemoEnd? = nil) throws {
    try StandardOutput.write("\(end?.name ?? "")$ \(command)\n")
    let words = command.split(separator: " ").map(String.init)
    let status = try end.map { try sandbox.run(words, at: $0) } ?? sandbox.run(words)
    if status != 0 { throw ExitCode(status) }
  }

  /// Runs a line of the shell, which must succeed.
  func shell(_ line: String) throws {
    try StandardOutput.write("$ \(line)\n")
    let status = try sandbox.run(["sh", "-c", line])
    if status != 0 { throw ExitCode(status) }
  }

  func send(_ count: Int, from source: UInt32) {
    let payloads = [[UInt8]](repeating: DemoSandbox.payload, count: count)
    show(count, source, arrived: sandbox.send(payloads, from: source))
  }

  /// Sends to the relay.
  func send(_ payloads: [[UInt8]], from source: UInt32, port: UInt16) {
    show(payloads.count, source, arrived: sandbox.send(payloads, from: source, port: port))
  }

  /// Lets the destination answer through the relay.
  func answer(_ count: Int, by port: UInt16, to source: UInt32) {
    let arrived = sandbox.answer(count, by: port, to: source)
    show(count, DemoSandbox.destination, arrived: arrived)
  }

  private func show(_ count: Int, _ source: UInt32, arrived: Int) {
    try? StandardOutput.write("  sent \(count) from \(IPAddress.v4(source)): \(arrived) arrived\n")
  }
}
