import Aegis
import ArgumentParser

struct RelayTokenCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "relay-token", usage: "[options] <user>",
    abstract: "Print a token, with which a client can use the relay.",
    discussion: """
      Prints what a client needs: the number of its session, when it ends, the number of the master key, and a \
      secret, from which it computes the tag of each packet. This is the only command that prints a secret: give \
      it to the client by a way that nobody can read. Whoever has it can send as this user until it expires, or \
      the user or the master key is removed. Nothing is stored, so each call prints another token, and all are \
      valid at the same time. A token ends with its user.

      A packet of the client is 32 bytes longer than the packet that the relay sends. So let the client send at \
      most the MTU of the path less 60 bytes of payload with IPv4, and less 80 with IPv6.

      EXAMPLES
          # for a day
          aegisctl relay-token alice
          # for an hour, for a program
          aegisctl relay-token alice --ttl 1h -o json
      """)

  @Argument(
    help: ArgumentHelp("The name of the user.", valueName: "user"),
    completion: .custom { words, _, _ in Completions.users(words) })
  var user: String

  @Option(
    name: .long,
    help: ArgumentHelp("How long the token is valid (default: 24h).", valueName: "duration"),
    transform: DurationArgument.parse)
  var ttl = Duration.seconds(86_400)

  @OptionGroup var output: OutputOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    let name = try InputArgument.read { _ throws(InputError) in try RelayName(user) }
    let token = try RelayStore(instance.look()).token(for: name, ttl: ttl)
    try output.print(RelayTokenReport(token))
  }
}
