import Aegis
import ArgumentParser

struct SetRateCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-rate",
    abstract: "Limit how many packets each source may send.",
    discussion: """
      RATE is packets a second, minute or hour: 1000/s, 50k/s, 1.5M/s, 600/m; 'off' removes the limit. It \
      holds for each IPv4 address and each IPv6 /64 by itself, from the next packet on. ARP, IPv6 neighbour \
      discovery and protected keys are never limited.

      A source that was silent may send a burst at once; it then earns packets at the rate. Without \
      --burst that is what the rate gives in 100 ms, and at least 10.

      EXAMPLES
          # 1000 packets a second, 200 at once
          aegisctl set-rate 1000/s --burst 200
          # no limit
          aegisctl set-rate off
      """)

  @Argument(help: ArgumentHelp("The rate, or 'off'.", valueName: "rate"))
  var rate: String

  @Option(name: .long, help: ArgumentHelp("Packets that may come at once.", valueName: "n"))
  var burst: UInt32?

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if rate == "off", burst != nil { throw ValidationError("'off' takes no --burst") }
    if burst == 0 { throw ValidationError("--burst takes at least 1") }
  }

  func run() throws {
    let wanted: Rate?
    do {
      wanted = rate == "off" ? nil : try Rate(rate, burst: burst)
    } catch {
      throw AegisError(error)
    }
    let session = try change.session(at: instance.root)
    let isChanged = try Limits(try session.datapath()).setRate(wanted, in: session)
    let text = wanted.map { "rate \($0) burst \($0.effectiveBurst)" } ?? "rate off"
    try change.print(ChangeReport(text, changed: isChanged, dryRun: change.dryRun))
  }
}
