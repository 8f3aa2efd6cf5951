import Aegis
import ArgumentParser

struct AllowKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "allow-key", usage: "[options] <key> ...",
    abstract: "Let in packets by source, destination port and protocol.",
    discussion: """
      KEY is SOURCE[:PORT][/PROTO]. SOURCE is an address, a prefix or 'any'. An IPv6 source is written in \
      brackets: 2001:db8::1:22 can be read as an address with or without a port, and is refused. PORT is the \
      destination port, here on this host; PROTO is tcp, udp, sctp, icmp, icmpv6 or another name or number. \
      What is left out matches everything.

      Keys matter when the default is deny. A drop entry beats a key, and a rate limits what it lets in, \
      unless it was added with --protect: management access that is never dropped and never limited. To take \
      away the key that lets an SSH session in, or to slow it down, is refused.

      A list is read as drop-ip does; what dump keys -o json prints makes every key again what it was, with its \
      rate and whether it is protected.

      --remove exits 1 where a key is not there, but another one of its source, or a wider one, lets in the same \
      packets or some of them, and names it.

      EXAMPLES
          # management access, whatever happens
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          # a web server, and DNS answers from a resolver
          aegisctl allow-key any:443/tcp any:443/udp 192.0.2.53/udp
          # at most 50 packets a second from each source
          aegisctl allow-key any:53/udp --rate 50/s
          # a network, IPv6
          aegisctl allow-key '[2001:db8::/32]:443/tcp'
      """)

  @Argument(
    help: ArgumentHelp("Keys, SOURCE[:PORT][/PROTO].", valueName: "key"),
    completion: .custom(Completions.keys))
  var keys: [String] = []

  @Flag(name: .long, help: "Never drop and never limit what they let in.")
  var protect = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What each source that the key lets in may send, instead of the rates of set-rate; or 'off'.",
      valueName: "rate"))
  var rate: String?

  @Option(
    name: .long, help: ArgumentHelp("With --rate: what may come at once.", valueName: "n"))
  var burst: String?

  @OptionGroup var entry: EntryOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if protect, rate != nil { throw ValidationError("a protected key is never limited") }
    if entry.remove, rate != nil { throw ValidationError("--remove takes no --rate") }
    if burst != nil, rate == nil || rate == "off" {
      throw ValidationError("--burst goes with a --rate")
    }
    if entry.remove, protect { throw ValidationError("--remove takes no --protect") }
  }

  func run() throws {
    var request = try entry.request(
      keys, protected: protect, lockOut, change, instance)
    request.rate = rate
    request.burst = burst
    try request.allow()
  }
}
