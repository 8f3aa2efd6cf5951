import Aegis
import ArgumentParser

/// Why ArgumentParser refused words that are all there. It keeps its reasons to itself, so they are looked up in
/// the parts of its error; where those are others one day, its own message is told.
struct ParsingFailure {
  private let original: any Error
  /// What we have thrown ourselves, from a transformation or a validation.
  private var own: (any Error)?
  /// The value that could not be read, and the option that it was given to.
  private var value: String?
  private var option: String?

  init(_ error: any Error) {
    original = error
    search(error, depth: 0)
  }

  /// What to report; an error that is none, such as a request for help, stays as it is.
  func error(for verb: any ParsableCommand.Type) -> any Error {
    if verb.exitCode(for: original) == .success { return original }
    switch own {
    case let error as AegisError: return error.subject.field == nil ? placed(error) : error
    case let error as ValidationError where value == nil: return Misuse.error(error.message, verb)
    default: break
    }
    if let value {
      let problem = (own as? ValidationError)?.message ?? "is not a valid number"
      return AegisError(InputError(input: value, problem: problem), of: option)
    }
    return Misuse.error(verb.message(for: original), verb)
  }

  /// A transformation is not told which option it reads for.
  private func placed(_ error: AegisError) -> AegisError {
    guard let option, let value else { return error }
    var subject = error.subject
    subject.field = option
    subject.value = value
    var placed = AegisError(
      error.kind, "\(option) \(error.message)", hint: error.hint, log: error.log
    ).about(subject)
    placed.code = error.code
    return placed
  }

  private mutating func search(_ part: Any, depth: Int) {
    if part is AegisError || part is ValidationError {
      own = part as? any Error
      return
    }
    guard depth < 6 else { return }
    for child in Mirror(reflecting: part).children {
      if child.label == "unableToParseValue" { readValue(child.value) }
      search(child.value, depth: depth + 1)
    }
  }

  /// Of the origin, the name, the text and more.
  private mutating func readValue(_ parts: Any) {
    let parts = Mirror(reflecting: parts).children.map(\.value)
    guard parts.count > 2, let text = parts[2] as? String else { return }
    value = text
    let name = Mirror(reflecting: parts[1]).children.first.map { Mirror(reflecting: $0.value) }
    guard let name = name?.children.first else { return }
    switch (name.label, name.value) {
    case ("long", let text as String): option = "--\(text)"
    case ("short", let parts):
      option = Mirror(reflecting: parts).children.first.map { "-\($0.value)" }
    default: break
    }
  }
}

/// Words that do not go together, as a verb finds out.
enum Misuse {
  static func error(_ message: String, _ verb: any ParsableCommand.Type) -> AegisError {
    .misuse(
      message, usage: verb.configuration.usage ?? verb.usageString(),
      of: verb.configuration.commandName)
  }
}
