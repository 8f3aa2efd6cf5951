import Aegis
import ArgumentParser

/// Why ArgumentParser refused words that are all known. It does not publish its reasons, so they are looked up in the
/// parts of its error; if these change one day, its own message is reported.
struct ParsingFailure {
  private let original: any Error
  /// An error thrown by our own code, in a transformation or a validation.
  private var own: (any Error)?
  /// The value that could not be parsed, and its option.
  private var value: String?
  private var option: String?

  init(_ error: any Error) {
    original = error
    search(error, depth: 0)
  }

  /// The error to report; a result that is no error, such as a request for help, is returned unchanged.
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

  /// Adds the option, which a transformation does not know.
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

  /// Reads the value and its option from the parts: the origin, the name, the text and more.
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

/// Words that do not fit together, as a verb detects.
enum Misuse {
  static func error(_ message: String, _ verb: any ParsableCommand.Type) -> AegisError {
    .misuse(
      message, usage: verb.configuration.usage ?? verb.usageString(),
      of: verb.configuration.commandName)
  }
}
