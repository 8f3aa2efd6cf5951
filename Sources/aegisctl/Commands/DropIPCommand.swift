import Aegis
import ArgumentParser

struct DropIPCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "drop-ip", usage: "[options] <addr|prefix> ...",
    abstract: "Drop the packets of an address or prefix.",
    discussion: """
      Puts sources on the drop list, or takes them away with --remove; many at once are as quick as one. \
      An entry beats every allow key that is not protected. With --ttl it stops by itself when the time \
      is over. Adding an existing entry resets its time, and its note if there is a new one; with --extend the \
      time never gets shorter, and a note that is there stays. \
      What would cut off an SSH session, a gateway, a name server or a tunnel of this host is refused, \
      unless a protected key lets it in.

      --remove exits 1 where a source is still dropped afterwards, by a wider prefix, and says by which; and \
      where a prefix is not on the list, but sources in it are.

      With --monitor its packets are only counted, in its hits and as would-drop in stats, and go on; adding it \
      again without drops them.

      A list is one entry a line, with comments from a '#' or ';' on, or what ipset save, nft -j list set \
      or dump -o json print, with their timeouts and comments; --ttl, --until and --note go before those. \
      What an entry of the list covers that lasts as long is left out; a dump is taken whole, and makes every \
      entry again what it was, with its note, its end and whether it is only monitored. Lines that are wrong \
      are told and skipped, and the exit status is then 65; with --strict, and with --replace-all, nothing is \
      changed at all. --replace-all makes the list all there is: an address that is in both is dropped \
      throughout, and an empty list is refused.

      EXAMPLES
          # for an hour
          aegisctl drop-ip 203.0.113.7 --ttl 1h --note 'ssh guessing'
          # prefixes, and IPv6
          aegisctl drop-ip 198.51.100.0/24 2001:db8:bad::/48
          # a list, one a line
          aegisctl drop-ip -f blocklist.txt
          ipset save | aegisctl drop-ip -f -
          # every night what a feed says and nothing else
          aegisctl drop-ip --replace-all -f feed.txt
          # at least until then
          aegisctl drop-ip 203.0.113.7 --until 2030-12-01T08:00:00Z --extend
      """)

  @Argument(
    help: ArgumentHelp("Addresses and prefixes, IPv4 or IPv6.", valueName: "addr|prefix"),
    completion: .custom(Completions.drops))
  var sources: [String] = []

  @Flag(name: .long, help: "Let no entry that is there end earlier than it would.")
  var extend = false

  @Flag(name: .long, help: "Remove all other entries, after these have been added.")
  var replaceAll = false

  @Flag(name: .long, help: "Only count the packets as what would be dropped.")
  var monitor = false

  @OptionGroup var entry: EntryOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if entry.remove, extend || replaceAll || monitor {
      throw ValidationError("--remove takes neither --extend, --replace-all nor --monitor")
    }
    if extend, entry.ttl == nil, entry.until == nil, entry.file == nil {
      throw ValidationError("--extend goes with --ttl, --until or a --file")
    }
  }

  func run() throws {
    var request = try entry.request(sources, lockOut, change, instance)
    request.extends = extend
    request.isMonitored = monitor
    request.isReplacement = replaceAll
    try request.drop()
  }
}
