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
    name: .long, help: ArgumentHelp("A text of up to 63 bytes to remember.", valueName: "text"))
  var note: String?

  @Flag(name: .long, help: "Take them away instead.")
  var remove = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Read a list, one a line, '#' starts a comment; - reads standard input.", valueName: "file"),
    completion: .file())
  var file: String?

  mutating func validate() throws {
    if remove, ttl != nil || note != nil {
      throw ValidationError("--remove takes neither --ttl nor --note")
    }
  }

  func terms() throws -> Terms {
    do {
      return Terms(lifetime: ttl, note: try note.map { text throws(InputError) in try Note(text) })
    } catch {
      throw AegisError(.badInput, "--note \(error)", hint: error.hint)
    }
  }

  /// The arguments and the lines of the file together; every one that is wrong is reported, and then
  /// nothing is done.
  func elements<Element>(
    _ arguments: [String], _ parse: (Substring) throws(InputError) -> Element
  ) throws -> [Element] {
    if arguments.isEmpty, file == nil {
      throw ValidationError("name at least one, or a list with --file")
    }
    var elements: [Element] = []
    var errors: [AegisError] = []
    for argument in arguments {
      do {
        elements.append(try parse(argument[...]))
      } catch {
        errors.append(AegisError(error))
      }
    }
    if let file {
      let list = ListFile<Element>.parse(try InputFile.read(file), element: parse)
      elements += list.entries.map(\.element)
      errors += list.errors.map { Self.error(in: file, line: $0.line, $0.error) }
    }
    try Failures.check(Self.cut(errors))
    return elements
  }

  private static func error(in file: String, line: Int, _ error: InputError) -> AegisError {
    let name = file == "-" ? "standard input" : file
    return AegisError(.badInput, "\(name):\(line): \(error)", hint: error.hint)
  }

  private static let mostErrors = 20

  /// A list of the wrong kind would otherwise be an error for every one of its lines.
  private static func cut(_ errors: [AegisError]) -> [AegisError] {
    if errors.count <= mostErrors { return errors }
    let more = AegisError(
      .badInput, "and \(errors.count - mostErrors) more errors; nothing was changed")
    return errors.prefix(mostErrors) + [more]
  }
}
