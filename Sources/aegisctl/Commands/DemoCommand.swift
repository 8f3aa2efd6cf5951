import Aegis
import ArgumentParser
import Glibc

struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "demo", usage: "[options]",
    abstract: "Show the tool at work in a private sandbox.",
    discussion: """
      Makes two network namespaces joined by a veth pair and a BPF file system of its own, and runs the \
      other commands there on real packets, each a process of its own. Nothing of this host is touched, \
      and nothing is left, however it ends. Needs root and the ip command.

      EXAMPLES
          # all of it takes about a second
          aegisctl demo
      """)

  @OptionGroup var instance: InstanceOptions

  private static let known: UInt32 = 0x0a00_0002
  private static let noisy: UInt32 = 0x0a00_0003
  private static let stranger: UInt32 = 0x0a00_0004

  func run() throws {
    say("Two network namespaces joined by a veth pair; nothing of this host is touched.")
    let sandbox = try Sandbox(sources: [Self.known, Self.noisy, Self.stranger])
    let interface = Sandbox.interface

    say(
      "The datapath goes into the kernel, and then in front of an interface. Everything passes still."
    )
    try aegisctl(["load"], in: sandbox)
    try aegisctl(["attach", interface], in: sandbox)
    send(100, from: Self.known, in: sandbox)
    try aegisctl(["stats"], in: sandbox)

    say("A rate: each source may send 20 packets at once, and then 100 a second.")
    try aegisctl(["set-rate", "100/s", "--burst", "20"], in: sandbox)
    send(100, from: Self.known, in: sandbox)
    try aegisctl(["stats"], in: sandbox)

    say("A drop entry: nothing from one source.")
    try aegisctl(["drop-ip", "10.0.0.3", "--ttl", "1h", "--note", "demo"], in: sandbox)
    send(50, from: Self.noisy, in: sandbox)
    try aegisctl(["stats"], in: sandbox)

    say("Known peers only: a protected key, and the default becomes deny. ARP goes on working.")
    try aegisctl(["allow-key", "10.0.0.2:7/udp", "--protect"], in: sandbox)
    try aegisctl(["set-default", "deny"], in: sandbox)
    send(100, from: Self.known, in: sandbox)
    send(100, from: Self.stranger, in: sandbox)
    try aegisctl(["stats"], in: sandbox)
    try aegisctl(["dump"], in: sandbox)

    say("And away again.")
    try aegisctl(["unload", "--force"], in: sandbox)
  }

  private func say(_ text: String) {
    try? StandardOutput.write("\n# \(text)\n")
  }

  private func aegisctl(_ arguments: [String], in sandbox: borrowing Sandbox) throws {
    try StandardOutput.write("$ aegisctl \(arguments.joined(separator: " "))\n")
    let root = ["--pin-root", PinRoot.standard.path]
    let status = try sandbox.run(["/proc/self/exe"] + arguments + root)
    if status != 0 { throw ExitCode(status) }
  }

  private func send(_ count: Int, from source: UInt32, in sandbox: borrowing Sandbox) {
    let arrived = sandbox.send(count, from: source)
    try? StandardOutput.write("  sent \(count) from \(IPAddress.v4(source)): \(arrived) arrived\n")
  }
}
