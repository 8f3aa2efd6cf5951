import Aegis
import ArgumentParser

struct WhyCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "why", usage: "[options] <source>[:<port>] [to <port>/<proto>] | -",
    abstract: "Explain what would happen to a packet, and why.",
    discussion: """
      Runs one packet through the datapath's own code, with the current policy, entries and buckets, and shows \
      every stage: the entry or key that matches, its note and remaining time; the rate that applies and the \
      rates it overrides; how much of the burst is left; the verdict and the reason. Nothing is sent, counted, \
      charged or loaded.

      With --file the packet is judged by a policy file instead, as if only that policy were loaded and no \
      packet had arrived yet. This needs no privileges. Countries are then those of the files that geo in a \
      Host document names.

      The class line shows the class of the source, see set-class, the prefix that decides it, and the country \
      with the file that names it. --class shows what would happen to a source of another class.

      Of an entry of a list, see set-list, the drops stage shows the list, and then what all other lists have that \
      contains the address.

      SOURCE is an address, with a port if it matters. 'to' gives the destination: PORT/PROTO, a TCP port, or \
      a protocol without ports; an address may be in front of it, as in 192.0.2.1:53/udp. Without it the packet \
      is a ping. --length sets the length of the frame, and --tcp-flags, --icmp, --hop-limit, --dscp, --vlan and \
      --fragment other fields that rules may ask for. Instead, - reads a frame or an IP packet from standard input as hexadecimal \
      digits, also in the format of xxd, hexdump -C and tcpdump -xx. --packet reads one from a capture, and \
      pads it if it was truncated.

      A policy applies to all interfaces, except for the trusted port of a wire. With --interface the command \
      first checks that the interface is attached, and shows what a wire does with the packet; an interface \
      whose packets have no Ethernet header is refused. Per-CPU rates are evaluated for the CPU that the \
      command runs on.

      Of a packet to the relay, see set-relay, neither the token nor the rate of its user is checked.

      With --out the packet leaves this host: SOURCE is then its destination, and 'to' gives the port there.

      The sockets of this host are not looked at: --socket says what the packet is for. --reply takes it to \
      belong to a connection that its receiver opened, this host, or with --out the other end. It then passes \
      when the default is deny, if replies pass (see set-default).

      EXAMPLES
          # can this client reach the name server
          aegisctl why 203.0.113.7 to 53/udp
          # an ACK to a host behind this gateway
          aegisctl why 203.0.113.7:443 to 192.0.2.9:40000/tcp --tcp-flags ack
          # a TCP connection over IPv6
          aegisctl why '[2001:db8::7]:40000' to 443
          # what tcpdump saw
          tcpdump -c 1 -xx -i eth0 host 203.0.113.7 | aegisctl why -
          aegisctl why --packet attack.pcap --number 3
          # before a policy is applied
          aegisctl why -f policy.yaml 203.0.113.7 to 22
          # does the answer of a name server arrive
          aegisctl why 192.0.2.53:53 to 40000/udp --reply
          # may this host connect there
          aegisctl why --out 203.0.113.7 to 443
          # for a script
          aegisctl why 203.0.113.7 to 22 -o name
      """)

  @Argument(
    help: ArgumentHelp(
      "The source, 'to' and the destination; or - to read bytes.", valueName: "packet"))
  var words: [String] = []

  @Option(
    name: .long, help: ArgumentHelp("Read the packet from this capture.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng", "cap"]))
  var packet: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "With --packet: its number, as in Wireshark (default: 1).", valueName: "n"))
  var number: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Length of the frame in bytes (default: 60).", valueName: "n"))
  var length: Int?

  @OptionGroup var header: HeaderOptions

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The receiving interface, which must be attached.", valueName: "iface"),
    completion: .custom { words, _, _ in Completions.attachedInterfaces(words) })
  var interface: String?

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("Take the source to be of this class.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.classes(words) + ["foreign"] })
  var className: String?

  @OptionGroup var side: DirectionOptions
  @OptionGroup var profile: ProfileOptions

  @Flag(name: .long, help: "Take it to belong to a connection that its receiver opened.")
  var reply = false

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if interface != nil, !policy.file.isEmpty {
      throw ValidationError("--interface cannot be used with --file")
    }
    if words == ["-"], policy.file.contains("-") {
      throw ValidationError("standard input cannot be both the packet and the policy")
    }
    if (packet == nil) == words.isEmpty {
      throw ValidationError("name a source, - for bytes on standard input, or --packet FILE")
    }
    if number != nil, packet == nil { throw ValidationError("--number requires --packet") }
    try Bounds.check("--number", number, 1...)
    if length != nil, packet != nil || words == ["-"] {
      throw ValidationError("--length cannot be used with --packet or -")
    }
    try Bounds.check("--length", length, 60...9216)
    if !header.isEmpty, packet != nil || words == ["-"] {
      throw ValidationError("what is in a packet's header cannot be used with --packet or -")
    }
    if reply, header.socket != nil { throw ValidationError("give either --reply or --socket") }
    if side.out, header.socket != nil {
      throw ValidationError("--socket cannot be used with --out")
    }
    if side.out, interface != nil { throw ValidationError("--interface cannot be used with --out") }
    if words.count > 1, words.count != 3 || words[1] != "to" {
      throw ValidationError("write SOURCE[:PORT] to PORT/PROTO")
    }
  }

  func run() throws {
    if !policy.file.isEmpty {
      return try explain(
        by: PolicyFiles.probe(policy.file, as: profile.name(), direction: side.direction))
    }
    let datapath = try profile.view(of: instance.datapath()[side.direction])
    let attachments = try Interfaces(datapath).attachments()
    let interface = interface.map(Interfaces.ownName)
    let attachment = attachments.first {
      $0.name == interface && $0.isAttached && !$0.isGone && $0.direction == .in
    }
    if let interface, attachment == nil { try Interfaces.requireEthernetHeader(interface) }
    if let interface, attachment == nil {
      throw AegisError(
        .notLoaded, "\(interface) is not attached: all its packets pass unseen",
        hint: "aegisctl attach \(ShellWord(interface))")
    }
    try explain(by: PolicyProbe(datapath, isForced: profile.profile != nil), on: attachment)
    if !attachments.contains(where: \.isAttached) {
      Notice.give("no interface is attached: until one is, every packet passes")
    }
  }

  private func explain(
    by probe: consuming PolicyProbe, on attachment: Attachment? = nil
  ) throws {
    let (frame, captured, description, socket) = try frame()
    let judgement = try probe.judge(
      frame, on: attachment, as: ClassArgument.read(className),
      socket: reply ? .established : socket)
    if !judgement.isReadable(within: captured), let length = Self.lengthOfIP(frame),
      length > captured
    {
      Notice.give("the packet was cut within its headers: \(captured) of \(length) bytes are known")
    }
    try output.print(
      WhyReport(
        probe.trace(of: judgement), description: description, side.direction, length: frame.count,
        peer: attachment?.wire?.peer))
  }

  /// The frame in question, and its description.
  private func frame() throws -> (
    bytes: [UInt8], captured: Int, description: String?, socket: SocketState
  ) {
    if let packet {
      let frame = try Self.frame(number ?? 1, of: packet)
      return (frame.bytes, frame.capturedLength, nil, try header.header(over: .init()).socket)
    }
    if words == ["-"] {
      let bytes = try HexText.frame(InputFile.read("-"), named: "standard input")
      return (bytes, bytes.count, nil, try header.header(over: .init()).socket)
    }
    var query = try InputArgument.read { notes throws(InputError) in
      try PacketQuery(source: words[0], to: words.count > 1 ? words[2] : nil, noting: &notes)
    }
    if let length { query.length = length }
    // What belongs to a connection has no SYN any more.
    if reply { try? query.header.set(.tcpFlags, to: "ack") }
    query.header = try header.header(over: query.header)
    query.direction = side.direction
    let frame = query.frame
    return (frame, frame.count, "\(query)", query.header.socket)
  }

  /// The least length of the frame according to its IP header; nil if it has none.
  private static func lengthOfIP(_ frame: [UInt8]) -> Int? {
    guard let link = LinkHeader(frame), frame.count >= link.length + 6 else { return nil }
    func word(_ offset: Int) -> Int {
      Int(frame[link.length + offset]) << 8 | Int(frame[link.length + offset + 1])
    }
    switch link.etherType {
    case 0x0800: return link.length + word(2)
    case 0x86dd: return link.length + 40 + word(4)
    default: return nil
    }
  }

  private static func frame(_ number: Int, of path: String) throws(AegisError) -> CapturedFrame {
    var reader = try CaptureReader(path)
    var last = 0
    while let packet = try reader.next() {
      if packet.number == number { return packet }
      last = packet.number
    }
    throw AegisError(.badInput, "\(path) has no packet \(number): it ends with packet \(last)")
  }
}
