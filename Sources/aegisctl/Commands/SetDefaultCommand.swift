public import Aegis
public import ArgumentParser

struct SetDefaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-default", usage: "[options] allow|deny",
    abstract: "Set what happens to packets that match no entry.",
    discussion: """
      allow lets them pass, within the rate. deny drops them: only packets that match an allow key pass (zero \
      trust), besides ARP, IPv6 neighbour discovery, link control (LACP, STP, LLDP, 802.1X, PTP peer delay) \
      and path MTU messages, without which the host would lose its network. There is no connection tracking, \
      so replies to this host's own requests need a key too. Only keys without a port allow fragments.

      deny is refused unless keys allow the SSH session you are using, the other SSH sessions of this host, \
      replies of its name servers, DHCP renewals (any:68/udp, for DHCPv6 [fe80::/10]:546/udp) and the peers of \
      its tunnels.

      EXAMPLES
          # allow SSH from one host, DNS replies and nothing else
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          aegisctl allow-key 192.0.2.53/udp
          aegisctl set-default deny --confirm-within 60s
          aegisctl confirm
      """)

  @Argument(help: "allow or deny.")
  var action: PolicyDefaults.Default

  @OptionGroup var side: DirectionOptions
  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()[side.direction]
    let plan = try Plan(defaultAction: action, of: datapath)
    try lockOut.request.check(plan, to: datapath)
    var report = ChangeReport(
      "default \(action.rawValue)", changed: !plan.isEmpty, dryRun: change.dryRun)
    report.confirmation = try confirm.run(plan, on: datapath, in: session, change)
    try change.print(report, at: instance.root)
  }
}

extension PolicyDefaults.Default: ExpressibleByArgument {}
