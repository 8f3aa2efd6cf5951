import Aegis
import ArgumentParser

struct AllowKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "allow-key", usage: "[options] <key> ...",
    abstract: "Allow packets by source, destination port and protocol.",
    discussion: """
      KEY is SOURCE[:PORTS][/PROTO]. SOURCE is an address, a prefix or 'any'. Write an IPv6 source in brackets: \
      2001:db8::1:22 could be an address with or without a port, and is refused. PORTS are destination ports, \
      on this host: 443, 8000-8099 or 80,443,8000-8099. PROTO is tcp, udp, sctp, icmp, icmpv6 or another name \
      or number. A part that you leave out matches everything.

      Keys matter when the default is deny. A drop entry overrides a key, and rates limit what a key allows. \
      Keys added with --protect are never dropped and never limited: use them for management access. Refuses \
      to remove or slow down the key that an SSH session depends on.

      With --out a key allows what this host sends: SOURCE is the destination, and PORTS are the ports there. Such \
      keys matter after set-default deny --out.

      Keys with several ports are tried after all other keys. There can be at most 256 of them, and they cannot \
      be protected.

      Lists are read as by drop-ip. The output of dump keys -o json restores every key exactly as it was, \
      including its rate and protection.

      --remove exits 1 if the key does not exist but another key, of the same source or a wider one, allows \
      some of the same packets. It names that key.

      EXAMPLES
          # management access that no other rule can block
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          # a web server, and DNS answers from a resolver
          aegisctl allow-key any:443/tcp any:443/udp 192.0.2.53/udp
          # at most 50 packets a second from each source
          aegisctl allow-key any:53/udp --rate 50/s
          # this host may ask its name server
          aegisctl allow-key --out 192.0.2.53:53/udp
          # a range of ports, and a list
          aegisctl allow-key 192.0.2.0/24:8000-8099/tcp any:80,443/tcp
          # a network, IPv6
          aegisctl allow-key '[2001:db8::/32]:443/tcp'
      """)

  @Argument(
    help: ArgumentHelp("Keys, SOURCE[:PORTS][/PROTO].", valueName: "key"),
    completion: .custom(Completions.keys))
  var keys: [String] = []

  @Flag(name: .long, help: "Never drop or limit packets that these keys allow.")
  var protect = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Rate for each source that the key allows, instead of the rates of set-rate; or 'off'.",
      valueName: "rate"))
  var rate: String?

  @Option(
    name: .long,
    help: ArgumentHelp("With --rate: packets or bytes that may arrive at once.", valueName: "n"))
  var burst: String?

  @OptionGroup var entry: EntryOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if protect, rate != nil { throw ValidationError("a protected key cannot have a rate") }
    if entry.remove, rate != nil { throw ValidationError("--remove cannot be used with --rate") }
    if burst != nil, rate == nil || rate == "off" {
      throw ValidationError("--burst requires a --rate")
    }
    if entry.remove, protect { throw ValidationError("--remove cannot be used with --protect") }
  }

  func run() throws {
    var request = try entry.request(
      keys, protected: protect, lockOut, change, instance)
    request.rate = rate
    request.burst = burst
    try request.allow()
  }
}
