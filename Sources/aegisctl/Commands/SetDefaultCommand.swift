public import Aegis
public import ArgumentParser

struct SetDefaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-default", usage: "[options] allow|deny",
    abstract: "Set what happens to a packet that no entry names.",
    discussion: """
      allow lets it in, within the rate. deny drops it: only allow keys let anything in (zero trust), \
      besides ARP, IPv6 neighbour discovery, link control (LACP, STP, LLDP, 802.1X, PTP peer delay) and path MTU \
      messages, without which the host would fall off the network. Answers to what this host asks need a key \
      too: there is no connection tracking. Fragments are let in only by keys without a port.

      deny is refused while no key lets in the SSH session that the command is typed in, the other SSH \
      sessions of this host, the answers of its name servers, those that renew a DHCP lease (any:68/udp, for \
      DHCPv6 [fe80::/10]:546/udp), and the peers of its tunnels.

      EXAMPLES
          # let in SSH from one host, DNS answers and nothing else
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          aegisctl allow-key 192.0.2.53/udp
          aegisctl set-default deny
      """)

  @Argument(help: "allow or deny.")
  var action: PolicyDefaults.Default

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    let plan = try Plan(defaultAction: action, of: datapath)
    try lockOut.request.run(plan, on: datapath, in: session)
    try change.print(
      ChangeReport("default \(action.rawValue)", changed: !plan.isEmpty, dryRun: change.dryRun))
  }
}

extension PolicyDefaults.Default: ExpressibleByArgument {}
