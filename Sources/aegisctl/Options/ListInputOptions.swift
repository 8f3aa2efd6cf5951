import Aegis
import ArgumentParser

/// Lists to read, and how to read them.
struct ListInputOptions: ParsableArguments {
  private static let formats = ["auto"] + ListFormat.allCases.map(\.rawValue)
  /// Every call builds the help of its options, and the first use of `joined` searches all conformances.
  private static let formatNames = formats.dropFirst().reduce(formats[0]) { "\($0), \($1)" }

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Read entries from this file; - is standard input. May be repeated; the lists are combined.",
      valueName: "file"),
    completion: .file())
  var file: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Format of the list: \(formatNames).", valueName: "format"),
    completion: .list(formats))
  var format = "auto"

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The set to read, if ipset or nft printed several. May be repeated.",
      valueName: "name"))
  var set: [String] = []

  @Flag(name: .long, help: "Clear host bits in prefixes, instead of refusing them.")
  var mask = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The shortest prefix lengths accepted in a list, IPv4 and IPv6 (default: 8,16).",
      valueName: "v4,v6"))
  var minPrefix: String?

  @Flag(name: .long, help: "Change nothing if the list has an invalid line.")
  var strict = false

  @Flag(
    name: .long,
    help: "Skip lines that would cut off an SSH session, a gateway or a name server.")
  var skipGuarded = false

  mutating func validate() throws {
    if file.count(where: { $0 == "-" }) > 1 {
      throw ValidationError("standard input can be read only once")
    }
    if !file.isEmpty { return }
    let given = [
      ("--strict", strict), ("--format", format != "auto"), ("--set", !set.isEmpty),
      ("--min-prefix", minPrefix != nil), ("--skip-guarded", skipGuarded),
    ]
    if let option = given.first(where: \.1)?.0 {
      throw ValidationError("\(option) requires --file")
    }
  }

  func options(isRemoval: Bool) throws -> ListOptions {
    var options = ListOptions()
    guard Self.formats.contains(format) else {
      let error = InputError(
        input: format, problem: "is not a list format",
        hint: "it is one of \(Self.formatNames)")
      throw AegisError(error, of: "--format")
    }
    options.format = ListFormat(rawValue: format)
    options.sets = set
    options.clearsHostBits = mask
    options.isRemoval = isRemoval
    if let minPrefix {
      options.bounds = try InputArgument.read(of: "--min-prefix") { _ throws(InputError) in
        try ListBounds(minPrefix)
      }
    }
    return options
  }
}
