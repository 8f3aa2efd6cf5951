public import Aegis
public import ArgumentParser

struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "attach", usage: "[options] <iface> ... | -f <file>",
    abstract: "Send the packets of an interface through the datapath.",
    discussion: """
      Creates and pins a link for each interface. The link outlives this command. A program that somebody else \
      attached is never replaced: the command names it and fails.

      Mode auto uses native mode, in the driver. If that fails, it warns, says why, and uses generic mode, \
      which works everywhere but is slower. Offload mode is for the few network cards that run the program \
      themselves. Tc mode runs it later, in the network stack. Mode auto uses it for bonds without native mode \
      and for interfaces whose packets have no Ethernet header. Use it for veth interfaces that carry TCP, such \
      as those of containers: any other mode keeps the kernel from joining TCP packets, and slows them down.

      With --direction out or both, the packets that leave by the interface are judged too, by the policy for \
      egress. This is always done by tc: Linux 6.6 and later attach a link before those of others, and earlier \
      kernels a filter of the qdisc clsact. Programs and filters of others stay, and see every packet that \
      passes. What is attached in the other direction stays as it is.

      An interface that was moved here from another network namespace stays attached. Attach it again to \
      manage it from this namespace.

      With --confirm-within the datapath lets everything pass after that time, unless you run 'aegisctl \
      confirm' first. A session that was cut off then works again. The deadline and the command to confirm \
      with are printed on standard error, and with -o json as deadline and confirm. A later attach also clears \
      an expired deadline.

      Refuses to attach if the current policy would cut off an SSH session, a gateway, a name server, a DHCP \
      lease or a tunnel that is reached through the interface.

      Interfaces whose packets have no Ethernet header, such as tun, WireGuard, PPP or IPIP, can be attached \
      only by tc. Some, such as GRE, cannot be attached at all: attach the interface that carries their \
      packets instead. Tap, bridge, VLAN and loopback interfaces have one.

      With --wire the interface and another one become the ports of a wire, a gateway that nobody sees: what \
      passes on one port leaves by the other, and nothing of it reaches this host. Neither port may have an \
      address. The host is kept from sending anything by the ports: IPv6 and ARP are switched off there, and \
      other frames are stopped and counted. 'detach' switches on again what was on. Packets of the port \
      given with --trust, the side that is protected, are counted and not judged.

      Without the datapath nothing crosses a wire that is closed. For one that is open, both ports must belong \
      to a bridge, which then forwards everything. Past the deadline of --confirm-within everything crosses.

      EXAMPLES
          # two interfaces
          aegisctl attach eth0 eth1
          # a bridge
          aegisctl attach br0 --mode generic
          # what comes in and what goes out
          aegisctl attach eth0 --direction both
          # the interface of a container
          aegisctl attach veth1 --mode tc
          # on a remote host
          aegisctl attach eth0 --confirm-within 60s
          # an invisible gateway that protects what is behind eth1
          aegisctl attach eth0 --wire eth1 --trust eth1
          # the interfaces that Host documents declare and that exist
          aegisctl attach -f /etc/aegis
      """)

  @Argument(
    help: ArgumentHelp("Interfaces to attach to.", valueName: "iface"),
    completion: .custom { _, _, _ in Completions.attachable() })
  var interfaces: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Attach to the existing interfaces of the Host documents in this file or directory.",
      valueName: "file"),
    completion: .file())
  var file: [String] = []

  @Option(name: .long, help: "Where the program for what comes in runs.")
  var mode = AttachMode.auto

  @Option(name: .long, help: "What to judge: packets that come in, that go out, or both.")
  var direction = Directions.in

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Judge its packets by this profile, whichever is in force.", valueName: "name"),
    completion: .custom { words, _, _ in Completions.profiles(words) })
  var profile: String?

  @OptionGroup var wire: WireArguments

  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if interfaces.isEmpty == file.isEmpty {
      throw ValidationError("give interface names or --file, not both")
    }
    if !file.isEmpty, mode != .auto || direction != .in || profile != nil {
      throw ValidationError("--mode, --direction and --profile cannot be used with --file")
    }
    if direction == .out, mode != .auto, mode != .tc {
      throw ValidationError("what goes out is judged by tc: leave out --mode \(mode.rawValue)")
    }
    if wire.isGiven, direction != .in {
      throw ValidationError(
        "the frames that a wire sends on do not pass egress: leave out --direction \(direction.rawValue)"
      )
    }
    if wire.isGiven, mode == .tc {
      throw ValidationError("the ports of a wire are joined by XDP: leave out --mode tc")
    }
    if wire.isGiven, interfaces.count != 1 {
      throw ValidationError("--wire takes one interface, and names the other port")
    }
  }

  /// nil without files.
  private func declared() throws -> HostDeclaration? {
    if file.isEmpty { return nil }
    if let host = try PolicyFiles.read(file).host { return host }
    throw AegisError(.badInput, "the files have no Host document")
  }

  /// The interfaces to attach, and their modes.
  private func wanted(
    _ host: HostDeclaration?, of datapath: Datapath
  ) throws -> [HostPlan.Attaching] {
    if let host { return try HostPlan(host, of: datapath, pruning: false).attaching }
    let profile = try profile.map { text in
      let name = try InputArgument.read(of: "--profile") { _ throws(InputError) in
        try ProfileName(text)
      }
      return try ProfileTable(datapath).find(name).name
    }
    return interfaces.map(Interfaces.ownName).uniqued().map {
      .init(
        name: $0, mode: mode, wire: wire.options, directions: direction, profile: profile)
    }
  }

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let host = try declared()
    let wanted = try wanted(host, of: datapath)
    // A deadline that has passed is removed, or set again.
    try lockOut.request.check(
      Plan(deadline: nil), to: datapath, attaching: wanted)
    let attachments = Interfaces(datapath)
    let executor = PlanExecutor(datapath)
    var report = AttachReport(isDryRun: change.dryRun)
    let earlier = try Deadline(datapath).remaining()
    let isPast = earlier.map { $0 <= .zero } ?? false
    let willChange = try isPast || !attachments.areAttached(wanted)
    // Set the deadline before attaching can cut anyone off.
    if let confirmWithin = confirm.confirmWithin, willChange {
      try executor.run(Plan(deadline: confirmWithin), in: session)
    }
    var errors: [AegisError] = []
    for each in wanted {
      do {
        let outcome = try attachments.attach(each, in: session)
        if let warning = outcome.warning { StandardError.warn(warning) }
        report.add(each, outcome)
      } catch {
        errors.append(error)
      }
    }
    if let relay = host?.relay, relay.forward != nil {
      do {
        try RelayChange.prepare(relay, on: datapath, skipsMissing: true, in: session)
      } catch let error as AegisError {
        errors.append(error)
      }
    }
    if !report.isEmpty, let warning = instance.root.lifetimeWarning {
      StandardError.warn(warning)
    }
    if report.isEmpty, confirm.confirmWithin != nil {
      // Restores the earlier deadline: earlier changes still wait to be confirmed.
      try executor.run(Plan(deadline: earlier.map { max($0, .zero) }), in: session)
    } else if confirm.confirmWithin == nil, isPast {
      try executor.run(Plan(deadline: nil), in: session)
      let verb = change.dryRun ? "would be" : "is"
      Notice.give("the policy \(verb) enforced again: the earlier change counts as confirmed")
    }
    if confirm.confirmWithin != nil, !report.isEmpty, !change.dryRun || !willChange {
      report.confirmation = try Confirmation(datapath, at: instance.root)
      if !change.output.quiet { Confirmation.report(report.confirmation, changed: willChange) }
    }
    if !report.isEmpty || errors.isEmpty { try change.print(report, at: instance.root) }
    try Failures.check(errors)
  }
}

extension AttachMode: ExpressibleByArgument {}
extension Directions: ExpressibleByArgument {}
