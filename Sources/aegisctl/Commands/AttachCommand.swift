public import Aegis
public import ArgumentParser

struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "attach", usage: "[options] <iface> ...",
    abstract: "Send the packets of an interface through the datapath.",
    discussion: """
      Makes and pins a link for each interface; it stays when this command ends. A program that somebody \
      else attached is never displaced: it is named instead.

      Mode auto takes native mode, in the driver, and falls back to generic mode, which works everywhere \
      but is slower, with a warning that says why. Offload is for the few cards that run the program \
      themselves.

      An interface that was moved here from another network namespace stays attached; attaching it again \
      makes it belong here.

      With --confirm-within everything passes again once that time is over, unless 'aegisctl confirm' came \
      before: the datapath itself sees to it, and a session that was cut off comes back. The deadline and the \
      command that confirms are printed on standard error, and with -o json as deadline and confirm. A later \
      attach takes such an end away too.

      It is refused where the policy in place would cut off an SSH session, a gateway, a name server, a DHCP \
      lease or a tunnel that is reached through the interface.

      The datapath reads Ethernet frames. An interface whose packets have no Ethernet header, such as tun, \
      WireGuard, PPP, GRE or IPIP, is refused: attach the interface that carries its packets. tap, bridges, \
      VLANs and the loopback have one.

      EXAMPLES
          # two interfaces
          aegisctl attach eth0 eth1
          # a bridge
          aegisctl attach br0 --mode generic
          # from afar
          aegisctl attach eth0 --confirm-within 60s
      """)

  @Argument(
    help: ArgumentHelp("Interfaces.", valueName: "iface"),
    completion: .custom { _, _, _ in Completions.attachable() })
  var interfaces: [String]

  @Option(name: .shortAndLong, help: "Where the program runs.")
  var mode = AttachMode.auto

  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let interfaces = interfaces.map(Interfaces.ownName).uniqued()
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    // A deadline that has passed is taken away, or set anew.
    try lockOut.request.check(Plan(deadline: nil), to: datapath, attaching: interfaces)
    let attachments = Interfaces(datapath)
    let executor = PlanExecutor(datapath)
    var report = AttachReport(isDryRun: change.dryRun)
    let earlier = try Deadline(datapath).remaining()
    let isPast = earlier.map { $0 <= .zero } ?? false
    let willChange = try isPast || !attachments.areAttached(interfaces)
    // Before there is anything to be cut off by.
    if let confirmWithin = confirm.confirmWithin, willChange {
      try executor.run(Plan(deadline: confirmWithin), in: session)
    }
    var errors: [AegisError] = []
    for name in interfaces {
      do {
        let outcome = try attachments.attach(name, mode: mode, in: session)
        if let warning = outcome.warning { StandardError.write("warning: \(warning)\n") }
        report.add(name, outcome)
      } catch {
        errors.append(error)
      }
    }
    if !report.isEmpty, let warning = instance.root.lifetimeWarning {
      StandardError.write("warning: \(warning)\n")
    }
    if report.isEmpty, confirm.confirmWithin != nil {
      // As it was: what was changed before still waits.
      try executor.run(Plan(deadline: earlier.map { max($0, .zero) }), in: session)
    } else if confirm.confirmWithin == nil, isPast {
      try executor.run(Plan(deadline: nil), in: session)
    }
    if confirm.confirmWithin != nil, !report.isEmpty, !change.dryRun || !willChange {
      report.confirmation = try Confirmation(datapath, at: instance.root)
      if !change.output.quiet { Confirmation.report(report.confirmation, changed: willChange) }
    }
    if !report.isEmpty { try change.print(report) }
    try Failures.check(errors)
  }
}

extension AttachMode: ExpressibleByArgument {}
