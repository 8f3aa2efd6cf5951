import Aegis
import ArgumentParser

struct DropIPCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "drop-ip", usage: "[options] <addr|prefix> ...",
    abstract: "Drop the packets of an address or prefix.",
    discussion: """
      Puts sources on the drop list, or takes them away with --remove; many at once are as quick as one. \
      An entry beats every allow key that is not protected. With --ttl it stops by itself when the time \
      is over. Adding what is there sets its time anew. What would cut off an SSH session, a gateway or a \
      name server of this host is refused, unless a protected key lets it in.

      EXAMPLES
          # for an hour
          aegisctl drop-ip 203.0.113.7 --ttl 1h --note 'ssh guessing'
          # prefixes, and IPv6
          aegisctl drop-ip 198.51.100.0/24 2001:db8:bad::/48
          # a list, one a line
          aegisctl drop-ip -f blocklist.txt
      """)

  @Argument(
    help: ArgumentHelp("Addresses and prefixes, IPv4 or IPv6.", valueName: "addr|prefix"),
    completion: .custom { words, _, _ in Completions.drops(words) })
  var sources: [String] = []

  @OptionGroup var entry: EntryOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  func run() throws {
    try entry.request(sources, lockOut, change, instance).drop()
  }
}
