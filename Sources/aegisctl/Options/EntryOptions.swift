import Aegis
import ArgumentParser

/// Options for adding drop entries and allow keys.
struct EntryOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long the entries last, such as 90s, 10m, 1h30m or 7d; never, 0 and -1 mean forever (default: never).",
      valueName: "duration"),
    transform: LifetimeArgument.parse)
  var ttl: Lifetime?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "When the entries expire, such as 2026-12-01T08:00:00Z, or with an offset such as +02:00.",
      valueName: "time"))
  var until: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A comment stored with the entry (at most 63 bytes).", valueName: "text"))
  var note: String?

  @Flag(name: .long, help: "Remove the entries instead.")
  var remove = false

  @OptionGroup var side: DirectionOptions
  @OptionGroup var list: ListInputOptions

  var files: [String] { list.file }

  mutating func validate() throws {
    if remove, ttl != nil || until != nil || note != nil {
      throw ValidationError("--remove cannot be used with --ttl, --until or --note")
    }
    if ttl != nil, until != nil { throw ValidationError("give either --ttl or --until") }
  }

  func request(
    _ words: [String], protected: Bool = false, _ lockOut: GuardOptions, _ change: ChangeOptions,
    _ instance: InstanceOptions
  ) throws -> EntryRequest {
    if words.isEmpty, files.isEmpty {
      throw ValidationError("give at least one entry, or a list with --file")
    }
    if list.skipGuarded, lockOut.force {
      throw ValidationError("give either --skip-guarded or --force")
    }
    return EntryRequest(
      words: words, files: files, listOptions: try list.options(isRemoval: remove),
      isStrict: list.strict, skipsGuarded: list.skipGuarded, lifetime: ttl, until: until,
      note: note, isRemoval: remove, isProtected: protected, direction: side.direction,
      root: instance.root,
      lockOut: lockOut.request, style: change.style)
  }
}

enum LifetimeArgument {
  static func parse(_ text: String) throws -> Lifetime {
    do {
      return try Lifetime(text)
    } catch {
      throw AegisError(error)
    }
  }
}
