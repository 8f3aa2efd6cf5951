import Aegis
import ArgumentParser
import Glibc

struct EventsCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "events", usage: "[options] [<iface>]",
    abstract:
      "Show packets as they come and go: the verdict, the reason and the entry that decided.",
    discussion: """
      Prints a line for each packet until Ctrl-C: time (UTC), interface, direction, reason as in stats, the \
      entry or rate that decided, frame length, source and destination. would-drop marks packets that passed \
      only because of monitor mode. -o wide adds the list of the entry (see set-list), VLANs, the sender's MAC \
      address, the class of the source (see set-class) and what the reason means. -o json prints one object per \
      line, with the packet's first \
      \(Event.mostBytes) bytes, and an EventSummary at the end. -o name prints each source once.

      Packets that leave are shown if an interface is attached for them. Entries, rates and classes are then \
      those of the destination, and -o name prints it in place of the source. A packet that the network card \
      will cut into several is shown once, with the length of all.

      Events cost the datapath nothing while nobody reads them. Otherwise it reports at most --rate packets a \
      second and only counts the rest. The summary at the end, on standard error, says how many packets \
      matched, how many were held back by --rate or --sample, and how many were lost because they arrived \
      faster than they were read. Only one reader can run at a time. If it is killed, the datapath stops \
      reporting by itself.

      EXAMPLES
          # what is being dropped, and why
          aegisctl events --drops
          # what this host sends, and what keeps it from being sent
          aegisctl events --direction out
          # one source, for half a minute
          aegisctl events eth0 --source 203.0.113.7 --for 30s
          # ten packets that were over their rate, for a program
          aegisctl events --reason drop.rate --count 10 -o json
          # packets, each with its reason as a comment, for Wireshark or tcpdump
          aegisctl events --drops --pcap drops.pcapng -q
          aegisctl events --pcap - | tcpdump -nr -
          # a flood, one packet in a thousand
          aegisctl events --sample 1000 --for 10s
          # drop for an hour whoever is over a rate now
          aegisctl events --direction in --reason drop.rate --for 10s -o name |
              aegisctl drop-ip --ttl 1h -f -
      """)

  @Argument(
    help: ArgumentHelp("An interface (default: all).", valueName: "iface"),
    completion: .custom { words, _, _ in Completions.attachedInterfaces(words) })
  var interface: String?

  @OptionGroup var which: EventFilterOptions

  @Option(
    name: .customLong("for"), help: ArgumentHelp("Stop after this time.", valueName: "duration"),
    transform: DurationArgument.parse)
  var duration: Duration?

  @Option(name: .long, help: ArgumentHelp("Stop after n events.", valueName: "n"))
  var count: Int?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long to wait for another reader, or a command that changes the datapath (default: 2s).",
      valueName: "duration"),
    transform: DurationArgument.parse)
  var timeout = Duration.seconds(2)

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Also write the packets to this pcapng file, with the reason as a comment; - is standard output.",
      valueName: "file"), completion: .file(extensions: ["pcapng"]))
  var pcap: String?

  @Option(name: .shortAndLong, help: "Output format.")
  var output = EventFormat.table

  @Flag(name: .shortAndLong, help: "Print nothing unless something goes wrong.")
  var quiet = false

  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    try Bounds.check("--count", count, 1...)
    guard pcap == "-" else { return }
    if output != .table {
      throw ValidationError("--pcap - writes to standard output, so it cannot be used with -o")
    }
    if Terminal.isTerminal(STDOUT_FILENO) {
      throw ValidationError("--pcap - writes binary data: redirect it to a pipe or a file")
    }
  }

  func run() throws {
    let filter = try which.filter(interface: interface.map(Interfaces.ownName))
    let attached = try Interfaces(instance.datapath()).attachments().filter {
      $0.isAttached && [nil, $0.direction].contains(which.direction)
    }
    let settings = EventWatch.Settings(
      root: instance.root, timeout: timeout, filter: filter, duration: duration, count: count,
      capture: pcap, interfaces: attached.map(\.name), isQuiet: quiet)
    let printer = EventPrinter(
      output, interfaces: settings.interfaces, isColourful: Terminal.isColourful)
    try EventWatch.run(settings, printing: quiet || pcap == "-" ? nil : printer)
  }
}
