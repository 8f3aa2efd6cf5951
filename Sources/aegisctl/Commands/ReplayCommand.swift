import Aegis
import ArgumentParser

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "replay", usage: "[options] <file>",
    abstract: "Test the loaded policy, or a policy file, on a capture.",
    discussion: """
      Runs every packet of a tcpdump or Wireshark capture through the datapath's own code with the loaded \
      policy, and shows how many would pass or be dropped, why, and which sources would be affected. Nothing \
      is loaded, sent or counted, and hits and rate limits do not change: the replay has its own buckets, \
      which start full. With --file the packets are judged by a policy file instead, which needs no \
      privileges.

      The limiter sees the packets at their recorded times, but the replay does not wait: an hour of traffic \
      takes only as long as processing its packets. --speed 10 simulates ten times the traffic rate, and \
      --speed max sends all packets back to back. Entries that expire count as they do now.

      Truncated packets are padded to their length. Other link headers (loopback, Linux cooked, raw IP) are \
      replaced by an Ethernet header. A packet that is truncated within its headers is skipped and counted. A \
      capture of -i any has no VLAN tags. Packets that the capturing host sent are skipped if the capture \
      marks them, as tcpdump -i any does; otherwise use --filter 'not src host ADDR'. Packets to the relay count \
      as pass.relay: their tokens are not checked. No socket waits for a packet: replies to the host, and rules that \
      ask for sockets, are judged as if there were none.

      With --out the packets that left the host are judged by the policy for egress, and those that came in \
      are skipped if the capture marks them; otherwise use --filter 'src host ADDR'. Destinations take the \
      place of sources, also in JSON, in the fields that are named after sources. A capture on the sending host \
      has packets as they are before the network card cuts them up, and each counts as one packet. TCP \
      connections that the host accepted pass when the default is deny, if the capture has their beginning.

      EXAMPLES
          # what would the loaded policy have done yesterday
          aegisctl replay yesterday.pcap
          # only what went to the name server, at ten times the rate
          aegisctl replay dns.pcapng --filter 'udp port 53' --speed 10
          # what would another policy have done
          aegisctl replay yesterday.pcap -f policy.yaml
          # would the servers that this host talks to still be reached
          aegisctl replay any.pcap --out -f policy.yaml
          # drop the sources that would lose most packets
          aegisctl replay attack.pcap --top 5 -o name | aegisctl drop-ip --ttl 1h -f -
      """)

  @Argument(
    help: ArgumentHelp("The capture, pcap or pcapng; - for standard input.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng", "cap"]))
  var file: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Multiple of the recorded speed, or max for no delays.", valueName: "factor"),
    transform: Self.pace)
  var speed = Replay.Pace.recorded(speed: 1)

  @Option(
    name: .long,
    help: ArgumentHelp("Only packets that match this tcpdump filter.", valueName: "expression"))
  var filter: String?

  @Option(
    name: .long, help: ArgumentHelp("Show the n sources with the most drops.", valueName: "n"))
  var top = 10

  @OptionGroup var side: DirectionOptions
  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if file == "-", policy.file.contains("-") {
      throw ValidationError("standard input cannot be both the capture and the policy")
    }
    try Bounds.check("--top", top, 0...)
  }

  func run() throws {
    let probe =
      policy.file.isEmpty
      ? try PolicyProbe(instance.datapath()[side.direction], buckets: .own)
      : try PolicyFiles.probe(policy.file, buckets: .own, direction: side.direction)
    if try probe.asksForSockets {
      Notice.give("a capture has no sockets: replies are judged as if nobody waited for them")
    }
    var reader = try CaptureReader(file, filter: filter)
    var replay = Replay(probe, pace: speed)
    let (frames, failure) = try Self.run(&reader, through: &replay)
    try output.print(ReplayReport(replay, file: file, frames, top: top))
    if let failure { throw failure }
  }

  /// If the capture has an error, what was read before it is still reported.
  private static func run(
    _ reader: inout CaptureReader, through replay: inout Replay
  ) throws(AegisError) -> (frames: ReplayReport.Frames, failure: AegisError?) {
    var frames = ReplayReport.Frames()
    while true {
      let packet: CapturedFrame?
      do {
        packet = try reader.next()
      } catch {
        return (frames, error)
      }
      guard let packet else { return (frames, nil) }
      if let direction = packet.direction, direction != replay.direction {
        frames.skipped += 1
        continue
      }
      if packet.isCut { frames.cut += 1 }
      try replay.judge(packet.bytes, at: packet.time, captured: packet.capturedLength)
    }
  }

  static func pace(_ text: String) throws -> Replay.Pace {
    if text == "max" { return .atOnce }
    guard let factor = Double(text), factor.isFinite, 0.001...1_000_000 ~= factor else {
      throw AegisError(
        InputError(input: text, problem: "is not a factor such as 0.5 or 10, or max"))
    }
    return .recorded(speed: factor)
  }
}
