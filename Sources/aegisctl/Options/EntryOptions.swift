import Aegis
import ArgumentParser

/// What drop entries and allow keys are added with.
struct EntryOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long they hold, such as 90s, 10m, 1h30m or 7d (default: for good).",
      valueName: "duration"),
    transform: DurationArgument.parse)
  var ttl: Duration?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "When they end instead, such as 2026-12-01T08:00:00Z or with an offset like +02:00.",
      valueName: "time"))
  var until: String?

  @Option(
    name: .long, help: ArgumentHelp("A text of up to 63 bytes to remember.", valueName: "text"))
  var note: String?

  @Flag(name: .long, help: "Take them away instead.")
  var remove = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Read a list, one a line, or of ipset, nft or dump; - reads standard input.",
      valueName: "file"),
    completion: .file())
  var file: String?

  @Flag(name: .long, help: "With --file: change nothing if anything in the list is wrong.")
  var strict = false

  mutating func validate() throws {
    if remove, ttl != nil || until != nil || note != nil {
      throw ValidationError("--remove takes neither --ttl, --until nor --note")
    }
    if ttl != nil, until != nil { throw ValidationError("give either --ttl or --until") }
    if strict, file == nil { throw ValidationError("--strict goes with a --file") }
  }

  func request(
    _ words: [String], protected: Bool = false, _ lockOut: GuardOptions, _ change: ChangeOptions,
    _ instance: InstanceOptions
  ) throws -> EntryRequest {
    if words.isEmpty, file == nil {
      throw ValidationError("name at least one, or a list with --file")
    }
    return EntryRequest(
      words: words, file: file, isStrict: strict, lifetime: ttl, until: until, note: note,
      isRemoval: remove, isProtected: protected, root: instance.root, lockOut: lockOut.request,
      style: change.style)
  }
}
