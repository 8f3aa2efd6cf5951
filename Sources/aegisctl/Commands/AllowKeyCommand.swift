import Aegis
import ArgumentParser

struct AllowKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "allow-key", usage: "[options] <key> ...",
    abstract: "Let in packets by source, destination port and protocol.",
    discussion: """
      KEY is SOURCE[:PORT][/PROTO]. SOURCE is an address, a prefix or 'any', an IPv6 one in brackets before \
      a port; PORT is the destination port, here on this host; PROTO is tcp, udp, sctp, icmp, icmpv6 or \
      another name or number. What is left out matches everything.

      Keys matter when the default is deny. A drop entry beats a key, and a rate limits what it lets in, \
      unless it was added with --protect: management access that is never dropped and never limited.

      EXAMPLES
          # management access, whatever happens
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          # a web server, and DNS answers from a resolver
          aegisctl allow-key any:443/tcp any:443/udp 192.0.2.53/udp
          # a network, IPv6
          aegisctl allow-key '[2001:db8::/32]:443/tcp'
      """)

  @Argument(
    help: ArgumentHelp("Keys, SOURCE[:PORT][/PROTO].", valueName: "key"),
    completion: .custom { words, _, _ in Completions.keys(words) })
  var keys: [String] = []

  @Flag(name: .long, help: "Never drop and never limit what they let in.")
  var protect = false

  @OptionGroup var entry: EntryOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if entry.remove, protect { throw ValidationError("--remove takes no --protect") }
  }

  func run() throws {
    try entry.request(keys, protected: protect, change, instance).allow()
  }
}
