public import Aegis
public import ArgumentParser
import Glibc

struct SetDefaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "set-default", usage: "[options] allow|deny",
    abstract: "Set what happens to a packet that no entry names.",
    discussion: """
      allow lets it in, within the rate. deny drops it: only allow keys let anything in (zero trust), \
      besides ARP, IPv6 neighbour discovery, link control (LACP, STP, LLDP, 802.1X) and path MTU messages, \
      without which the host would fall off the network. Answers to what this host asks need a key too: \
      there is no connection tracking.

      deny is refused while no key would let in the SSH session that the command is typed in.

      EXAMPLES
          # let in SSH from one host and nothing else
          aegisctl allow-key 203.0.113.7:22/tcp --protect
          aegisctl set-default deny
      """)

  @Argument(help: "allow or deny.")
  var action: Limits.Default

  @Flag(name: .long, help: "Deny even if that cuts off this SSH session.")
  var force = false

  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let session = try change.session(at: instance.root)
    let datapath = try session.datapath()
    if action == .deny, !force { try Self.refuseLockOut(datapath) }
    let isChanged = try Limits(datapath).setDefault(action, in: session)
    try change.print(
      ChangeReport("default \(action.rawValue)", changed: isChanged, dryRun: change.dryRun))
  }

  private static func refuseLockOut(_ datapath: Datapath) throws {
    guard
      let connection = getenv("SSH_CONNECTION").map({ String(cString: $0) }),
      let remote = RemoteSession(sshConnection: connection)
    else { return }
    let isLetIn = try remote.isLetIn(
      by: KeyList(datapath).entries(), drops: DropList(datapath).entries())
    if isLetIn { return }
    throw AegisError(
      .wouldLockOut,
      "this would cut off your SSH session from \(remote.peer) to port \(remote.port)",
      hint: remote.key.map { "aegisctl allow-key \($0) --protect" })
  }
}

extension Limits.Default: ExpressibleByArgument {}
