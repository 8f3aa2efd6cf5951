public import Aegis
public import ArgumentParser

struct SetHookCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-hook", usage: "[options] <object> | --remove",
    abstract: "Put a program of your own behind the policy.",
    discussion: """
      The program, an XDP program in a BPF object file, is the last that is asked about packets that pass: it \
      lets each of them in, drops it, or sends it back as an answer. If rules have 'then: hook', it is asked only \
      about packets that they choose. It is not asked about what a protected key lets in, ARP, IPv6 neighbour \
      discovery, packets of the relay, and packets that come in by tc. aegis-hook(7) says what it is told, and how \
      it ends.

      An object with several programs needs --program. A program that is already in place is replaced at once: \
      each packet is given to one of the two, and none is lost. load --replace keeps it; unload removes it. While \
      its program is missing, packets that are for it pass, or with --on-missing drop they are dropped; both are \
      counted as hook-missing, and repair puts it back.

      Before it is put in place, the program is run on packets of the hosts that the lock-out guard protects. \
      Refuses one that does not let them pass. A change of the policy, or an interface that is attached, is refused \
      too if it gives the program such packets, and the program does not let them pass.

      With --dry-run and --packet, it is only run on the packets of a capture, and what it did with each is printed. \
      Maps that the object pins by name are then new and empty.

      EXAMPLES
          # drop packets with some bytes
          clang -target bpf -O2 -g -c payload.bpf.c -o payload.bpf.o
          aegisctl set-hook payload.bpf.o
          # try it on a capture first
          aegisctl set-hook payload.bpf.o --dry-run --packet any.pcap
          aegisctl stats
          aegisctl set-hook --remove
      """)

  @Argument(
    help: ArgumentHelp("The BPF object.", valueName: "object"),
    completion: .file(extensions: ["o"]))
  var object: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The program in the object (default: the only one).", valueName: "name"))
  var program: String?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "What becomes of packets for it while it is missing (default: pass).",
      valueName: "pass|drop"))
  var onMissing = Hook.Missing.pass

  @Option(
    name: .long,
    help: ArgumentHelp("With --dry-run, run it on the packets of this capture.", valueName: "file"),
    completion: .file(extensions: ["pcap", "pcapng", "cap"]))
  var packet: String?

  @Flag(name: .long, help: "Remove the program instead.")
  var remove = false

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if remove != (object == nil) { throw ValidationError("give an object, or --remove") }
    if remove, program != nil || packet != nil {
      throw ValidationError("--remove cannot be used with --program or --packet")
    }
    if packet != nil, !change.dryRun { throw ValidationError("--packet requires --dry-run") }
  }

  func run() throws {
    guard let object else { return try takeAway() }
    let hook = try HookChange.read(object, program: program)
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    if let packet {
      let trial = try HookTrial(of: hook, on: datapath)
      return try change.output.print(HookTrialReport(trial, packet: packet))
    }
    let wanted = try HookChange(to: hook, onMissing: onMissing, of: datapath)
    try wanted.check(lockOut.request, on: datapath)
    try wanted.giveNotes(datapath)
    try wanted.make(on: datapath, in: session)
    try change.print(
      ChangeReport("hook \(hook.program)", changed: wanted.isChanged, dryRun: change.dryRun),
      at: instance.root)
  }

  private func takeAway() throws {
    let session = try change.session(at: instance.root)
    let wasSet = try Hook(session.datapath()).remove(in: session)
    try change.print(
      ChangeReport([("hook", wasSet ? "removed" : "unchanged")], dryRun: change.dryRun),
      at: instance.root)
  }
}

extension Hook.Missing: ExpressibleByArgument {}
