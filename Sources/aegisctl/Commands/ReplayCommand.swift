import Aegis
import ArgumentParser

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "replay", usage: "[options] <file>",
    abstract: "Try the loaded policy, or a policy file, on a capture.",
    discussion: """
      Runs every packet of a capture, of tcpdump or Wireshark, through the datapath's own code with the \
      policy that is loaded, and says how many would pass and be dropped, why, and which sources that would \
      hit. Nothing is loaded, sent or counted, no entry's hits and nobody's debt changes: rates are judged by \
      buckets of the replay's own, which begin full. With --file the packets are judged by a policy file \
      instead, which needs no privileges.

      The limiter sees the packets at their recorded times, though nothing waits for them: an hour of \
      traffic takes as long as its packets take to judge. --speed 10 tries ten times the traffic, and \
      --speed max all packets one right after the other. Entries that expire are as they are now.

      Packets that were cut short by the capture are filled up to their length; what an interface adds \
      (loopback, Linux cooked, raw IP) is replaced by an Ethernet header; one that is cut within its own \
      headers is left out and counted. A capture of -i any has lost its VLAN tags. What the capturing host itself \
      sent is left out where the capture tells, as one of tcpdump -i any does; of others, --filter 'not src \
      host ADDR' leaves it out.

      EXAMPLES
          # what would this policy have done to yesterday's traffic
          aegisctl replay yesterday.pcap
          # only what went to the name server, at ten times the rate
          aegisctl replay dns.pcapng --filter 'udp port 53' --speed 10
          # what would another policy have done
          aegisctl replay yesterday.pcap -f policy.yaml
          # drop what would be hit most
          aegisctl replay attack.pcap --top 5 -o name | aegisctl drop-ip --ttl 1h -f -
      """)

  @Argument(
    help: ArgumentHelp("The capture, pcap or pcapng; - for standard input.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng", "cap"]))
  var file: String

  @Option(
    name: .long,
    help: ArgumentHelp("Times the recorded pace, or max for no pause at all.", valueName: "factor"),
    transform: Self.pace)
  var speed = Replay.Pace.recorded(speed: 1)

  @Option(
    name: .long,
    help: ArgumentHelp("Only packets that match, as tcpdump takes it.", valueName: "expression"))
  var filter: String?

  @Option(
    name: .long, help: ArgumentHelp("So many of the sources that are hit most.", valueName: "n"))
  var top = 10

  @OptionGroup var policy: PolicyFileOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if file == "-", policy.file.contains("-") {
      throw ValidationError("standard input is the capture or the policy, not both")
    }
    try Bounds.check("--top", top, 0...)
  }

  func run() throws {
    let probe =
      policy.file.isEmpty
      ? try PolicyProbe(instance.datapath(), buckets: .own)
      : try PolicyProbe(PolicyFiles.read(policy.file), buckets: .own)
    var reader = try CaptureReader(file, filter: filter)
    var replay = Replay(probe, pace: speed)
    let (frames, failure) = try Self.run(&reader, through: &replay)
    try output.print(ReplayReport(replay, file: file, frames, top: top))
    if let failure { throw failure }
  }

  /// What is wrong with the capture keeps nothing of what was read until then from being told.
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
      // The datapath sees only what comes in.
      if packet.isOutgoing {
        frames.outgoing += 1
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
