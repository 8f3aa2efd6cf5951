import Aegis
import ArgumentParser

/// The hosts that a change must not cut off.
struct GuardOptions: ParsableArguments {
  @Flag(
    name: .long,
    help:
      "Make the change even if it cuts off an SSH session, a gateway, a name server, a lease or a tunnel."
  )
  var force = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Also refuse changes that would cut off this host: an SSH client, or SOURCE:PORT/PROTO.",
      valueName: "addr"),
    transform: GuardRequest.host)
  var `guard`: [AllowKey] = []

  var request: GuardRequest { GuardRequest(isForced: force, hosts: `guard`) }
}
