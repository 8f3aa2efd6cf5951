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

      With --out it is about packets that leave this host: deny drops them unless a key added with --out \
      allows their destination. Packets of TCP connections that others opened always leave, so servers keep \
      answering. It is refused unless keys allow queries to the name servers and the time server, DHCP \
      renewals (any:67/udp, for DHCPv6 any:547/udp) and the peers of tunnels. --dry-run lists the connections \
      of this host that would be cut.

      EXAMPLES
          # allow SSH from one host, DNS replies and nothing else
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          aegisctl allow-key 192.0.2.53/udp
          aegisctl set-default deny --confirm-within 60s
          aegisctl confirm
          # this host may only reach its name server and one mirror
          aegisctl allow-key --out 192.0.2.53:53/udp 198.51.100.80:443/tcp
          aegisctl set-default deny --out --confirm-within 60s
      """)

  @Argument(help: "allow or deny.")
  var action: PolicyDefaults.Default

  @OptionGroup var side: DirectionOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try profile.view(of: session.datapath(side.direction))
    let plan = try Plan(defaultAction: action, of: datapath)
    try lockOut.request.check(plan, to: datapath)
    if change.dryRun { try lockOut.request.listCut(by: plan, of: datapath) }
    var report = ChangeReport(
      "default \(action.rawValue)", changed: !plan.isEmpty, dryRun: change.dryRun)
    report.confirmation = try confirm.run(plan, on: datapath, in: session, change)
    try change.print(report, at: instance.root)
  }
}

extension PolicyDefaults.Default: ExpressibleByArgument {}
