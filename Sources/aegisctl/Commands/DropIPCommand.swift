import Aegis
import ArgumentParser

struct DropIPCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "drop-ip", usage: "[options] <addr|prefix> ...",
    abstract: "Drop the packets of an address or prefix.",
    discussion: """
      Adds sources to the drop list, or removes them with --remove. Adding many in one call is fast. A drop \
      entry overrides every allow key that is not protected. With --ttl it expires by itself. Adding an \
      existing entry resets its TTL, without --ttl to never, and replaces its note if you give one. With \
      --extend the TTL never gets shorter, and an existing note stays. Refuses changes that would cut off an \
      SSH session, a gateway, a name server or a tunnel of this host, unless a protected key allows it.

      --remove exits 0 if the source is not on the list. It exits 1 if a wider prefix still drops the source, \
      and names that prefix. It also exits 1 if a prefix is not on the list but sources within it are.

      With --monitor the packets are only counted, in the hits of the entry and as would-drop in stats. Adding \
      the entry again without --monitor drops them.

      With --out it drops what this host sends to these destinations. The two lists are independent.

      A list has one entry on each line: an address, a prefix, a range 192.0.2.1-192.0.2.9 or a pattern \
      192.0.2.*. Comments begin with '#' or ';'. The entry is the first column, up to a tab, a comma or a \
      space. Other columns are ignored and counted. A line whose second column is an address or could be a \
      prefix length is refused: use --format columns or --format dshield. The output of ipset save, nft -j \
      list set and dump -o json, and the lists of DShield, Spamhaus and CrowdSec, are read with their timeouts \
      and comments; --ttl, --until and --note override those. If the input has several sets, choose one with \
      --set. A set that is more than a list of addresses, such as one with exceptions (nomatch), is refused.

      Prefixes shorter than --min-prefix are refused in lists, except reserved and multicast ones. Invalid \
      lines are reported and skipped, and the exit status is then 65. With --strict, and with --replace-all, \
      nothing is changed if a line is invalid. With --skip-guarded, lines that would lock you out are reported \
      and skipped too. An entry is left out if a wider entry covers it for at least as long. A dump restores \
      every entry exactly as it was.

      With --replace-all the lists replace all entries. An address that is in both the old and the new list is \
      dropped throughout. An empty list is refused.

      EXAMPLES
          # for an hour
          aegisctl drop-ip 203.0.113.7 --ttl 1h --note 'ssh guessing'
          # lift the ban
          aegisctl drop-ip --remove 203.0.113.7
          # prefixes, and IPv6
          aegisctl drop-ip 198.51.100.0/24 2001:db8:bad::/48
          # nothing is sent there either
          aegisctl drop-ip --out 198.51.100.0/24
          # a list, one entry on each line
          aegisctl drop-ip -f blocklist.txt
          # a set of ipset or nft
          ipset save blacklist | aegisctl drop-ip -f -
          nft -j list set inet filter blacklist | aegisctl drop-ip -f -
          # the bans of CrowdSec, with their durations
          cscli decisions list -o json | aegisctl drop-ip -f -
          # every night: exactly what two feeds list
          aegisctl drop-ip --replace-all -f feed.txt -f spamhaus.json
          # at least until a given time
          aegisctl drop-ip 203.0.113.7 --until 2030-12-01T08:00:00Z --extend
      """)

  @Argument(
    help: ArgumentHelp("Addresses and prefixes, IPv4 or IPv6.", valueName: "addr|prefix"),
    completion: .custom(Completions.drops))
  var sources: [String] = []

  @Flag(name: .long, help: "Never shorten the TTL of an existing entry.")
  var extend = false

  @Flag(name: .long, help: "Remove all other entries after adding these.")
  var replaceAll = false

  @Flag(name: .long, help: "Only count the packets that would be dropped.")
  var monitor = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The list that the entries belong to (default: manual).", valueName: "name"),
    completion: .custom { words, _, _ in Completions.lists(words) })
  var list: String?

  @Flag(name: .long, help: "With --remove: from all lists.")
  var allLists = false

  @OptionGroup var entry: EntryOptions
  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    if entry.remove, extend || replaceAll || monitor {
      throw ValidationError("--remove cannot be used with --extend, --replace-all or --monitor")
    }
    if allLists, !entry.remove || list != nil {
      throw ValidationError("--all-lists requires --remove, and cannot be used with --list")
    }
    if list != nil, list != ListName.manual.text, entry.side.out {
      throw ValidationError("a list has its own direction: leave out --out")
    }
    if extend, entry.ttl == nil, entry.until == nil, entry.files.isEmpty {
      throw ValidationError("--extend requires --ttl, --until or --file")
    }
  }

  func run() throws {
    var request = try entry.request(sources, lockOut, change, instance)
    request.extends = extend
    request.isMonitored = monitor
    request.isReplacement = replaceAll
    request.list =
      try allLists
      ? nil
      : list.map { text in
        try InputArgument.read(of: "--list") { _ throws(InputError) in try ListName(text) }
      } ?? .manual
    try request.drop()
  }
}
