import Aegis
import ArgumentParser

struct FeedCommand: ParsableCommand {
  static let configuration = CommandConfiguration.verb(
    "feed", usage: "[options] <list> -f <file>",
    abstract: "Fill a list of drop entries from a feed, within bounds.",
    discussion: """
      Makes the list exactly what the files have; other lists stay as they are. The list is made if there is \
      none. All of the feed is applied, or nothing of it: nothing is changed, and the exit status is 65, if a \
      line cannot be read, the feed is empty or longer than --max, a prefix is shorter than --min-prefix, more \
      than --max-cut percent of the peers that have a TCP connection with this host now would be cut off, or a \
      line would drop a peer of an SSH session, a gateway, a name server, the end of a tunnel, an address of \
      this host, or what a protected key is for. With --skip-guarded those lines are left out instead.

      The list lasts for --ttl, and every call begins that time anew. If the feed stops, the list expires. An address that was and stays listed is dropped throughout. With --except, what that file \
      names is left out, also out of the middle of a prefix. With --monitor the list only counts what it would \
      drop, until set-list --enforce; all bounds hold for it too.

      With --stream it reads lines for as long as there are any and changes single entries: add ADDR [TTL] \
      [NOTE] and del ADDR, or the JSON that CrowdSec feeds its bouncers. What comes within 10 ms is applied \
      together; what cannot be applied is reported and skipped. An entry lasts for its own TTL, or else for \
      --ttl. At the end of the input, and at SIGINT or SIGTERM, what was read is applied and stays.

      A list has one entry on each line, or any other format that drop-ip reads.

      EXAMPLES
          # a blocklist, every hour from cron; a day after the last one it is gone
          curl -sf https://feed.example/list.txt | aegisctl feed blocklist -f -
          # look first: count what it would drop
          aegisctl feed blocklist -f blocklist.txt --monitor
          aegisctl stats --by list
          aegisctl set-list blocklist --enforce
          # never these, and never more than 1 % of the peers that are connected
          aegisctl feed blocklist -f blocklist.txt --except partners.txt --max-cut 1
          # whatever a program finds
          printf 'add 203.0.113.7 10m\\ndel 192.0.2.9\\n' |
              aegisctl feed detector --stream
          # no longer
          aegisctl set-list blocklist --remove
      """)

  @Argument(
    help: ArgumentHelp("The name of the list.", valueName: "list"),
    completion: .custom { words, _, _ in Completions.lists(words) })
  var name: String

  @OptionGroup var list: ListInputOptions

  @Flag(name: .long, help: "Read changes of entries for as long as there are any.")
  var stream = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long the list lasts, or with --stream an entry without its own TTL (default: 24h).",
      valueName: "duration"),
    transform: LifetimeArgument.parse)
  var ttl: Lifetime?

  @Option(
    name: .long,
    help: ArgumentHelp("The most entries that the list may have (default: 200000).", valueName: "n")
  )
  var max = 200_000

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The most peers with a TCP connection now that may be cut off, in percent of them.",
      valueName: "percent"))
  var maxCut: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Leave out what this list names. May be repeated.", valueName: "file"),
    completion: .file())
  var except: [String] = []

  @Flag(name: .long, help: "Only count the packets that the list would drop.")
  var monitor = false

  @OptionGroup var lockOut: GuardOptions
  @OptionGroup var change: ChangeOptions
  @OptionGroup var instance: InstanceOptions

  mutating func validate() throws {
    try Bounds.check("--max", max, 1...)
    try Bounds.check("--max-cut", maxCut, 0...100)
    if list.file.isEmpty, !stream {
      throw ValidationError("name the feed with --file, or read a stream with --stream")
    }
    if list.skipGuarded, lockOut.force {
      throw ValidationError("give either --skip-guarded or --force")
    }
    if !stream { return }
    if list.file.count > 1 || !list.set.isEmpty || list.format != "auto" || !except.isEmpty {
      throw ValidationError(
        "--stream cannot be used with --set, --format, --except or a second file")
    }
    if change.dryRun { throw ValidationError("--stream cannot be used with --dry-run") }
  }

  func run() throws {
    let name = try InputArgument.read { _ throws(InputError) in
      try ListName(definedAs: self.name)
    }
    let feed = Feed(
      list: name, options: try list.options(isRemoval: false),
      lifetime: ttl ?? .limited(.seconds(86_400)), most: max, mostCut: maxCut,
      exceptions: try exceptions(), isMonitored: monitor, skipsGuarded: list.skipGuarded,
      root: instance.root, lockOut: lockOut.request, style: change.style)
    if stream { return try FeedStream.run(feed, from: list.file.first ?? "-") }
    try feed.replace(by: list.file)
  }

  private func exceptions() throws -> [Prefix] {
    var request = EntryRequest(root: instance.root)
    request.files = except
    request.isStrict = true
    request.listOptions.bounds = ListBounds.none
    if except.isEmpty { return [] }
    return try EntryInput(request, ListFile.drops) { text, notes throws(InputError) in
      try Prefix(text, noting: &notes)
    }.contents.elements
  }
}
