public import Aegis
public import ArgumentParser

struct SetDefaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-default", usage: "[options] allow|deny",
    abstract: "Set what happens to packets that match no entry.",
    discussion: """
      allow lets them pass, within the rate. deny drops them: only packets that match an allow key pass (zero \
      trust), besides ARP, IPv6 neighbour discovery, link control (LACP, STP, LLDP, 802.1X, PTP peer delay) \
      and path MTU messages, without which the host would lose its network. Only keys without a port allow \
      fragments.

      With --replies, replies to this host's own connections pass too, within the rate: name look-ups, downloads \
      and updates need no keys. There is no connection tracking. A TCP packet is a reply if it is for a socket \
      of this host that is no listener, with exactly its addresses and ports, and a UDP packet if it is for a \
      connected socket; and if the local port is one that the kernel gives to such sockets \
      (net.ipv4.ip_local_port_range). Sockets of containers, forwarded packets, pings and unconnected UDP sockets, \
      as those of many name servers, still need a key or a rule. So do connections from another port, such as \
      NFS from one below 1024, and sockets that are bound to a bridge or another interface above the attached one. What a listener in that range has accepted passes until it is closed. Without \
      --replies and --no-replies it stays as it is.

      deny is refused unless keys allow the SSH session you are using, the other SSH sessions of this host, \
      replies of its name servers, DHCP renewals (any:68/udp, for DHCPv6 [fe80::/10]:546/udp) and the peers of \
      its tunnels. --dry-run lists the connections and sockets of this host that would get no packets, each \
      with a command that lets them in.

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
          # this host may be reached by nobody, and may reach anybody
          aegisctl set-default deny --replies --dry-run
          # this host may only reach its name server and one mirror
          aegisctl allow-key --out 192.0.2.53:53/udp 198.51.100.80:443/tcp
          aegisctl set-default deny --out --confirm-within 60s
      """)

  @Argument(help: "allow or deny.")
  var action: PolicyDefaults.Default

  @Flag(name: .long, help: "With deny, let replies to this host's own connections pass.")
  var replies = false

  @Flag(name: .long, help: "Let them pass no longer.")
  var noReplies = false

  @OptionGroup var side: DirectionOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var confirm: ConfirmOptions

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if replies, noReplies { throw ValidationError("give either --replies or --no-replies") }
    if replies || noReplies, side.out {
      throw ValidationError("--out cannot be used with --replies: replies always leave")
    }
  }

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try profile.view(of: session.datapath(side.direction))
    let plan = try Plan(defaultAction: action, replies: wanted, of: datapath)
    // The list says more than a refusal.
    try lockOut.request.listCut(
      by: plan, of: datapath, isDryRun: change.dryRun, isQuiet: change.output.quiet,
      isComplete: change.dryRun && action == .deny)
    try lockOut.request.check(plan, to: datapath)
    try lockOut.request.warnOfForwarding(plan, of: datapath)
    var report = ChangeReport(
      "default \(action.rawValue)\(words)", changed: !plan.isEmpty, dryRun: change.dryRun)
    report.confirmation = try confirm.run(plan, on: datapath, in: session, change)
    try change.print(report, at: instance.root)
  }
}

extension SetDefaultCommand {
  /// Whether replies pass from now on; nil leaves it.
  private var wanted: Bool? { replies || noReplies ? replies : nil }

  private var words: String {
    wanted.map { $0 ? ", replies pass" : ", replies do not pass" } ?? ""
  }
}

extension PolicyDefaults.Default: ExpressibleByArgument {}
