import Aegis

/// Reports failures. Global because they are reported after the command is gone.
enum FailureReport {
  nonisolated(unsafe) private static var isJSON = false

  /// Takes the format directly from the words, since parsing them may be what failed.
  static func prepare(_ words: [String]) {
    let words = words.prefix { $0 != "--" }
    isJSON =
      words.contains { ["--output=json", "-o=json", "-ojson"].contains($0) }
      || zip(words, words.dropFirst()).contains { word, next in
        let isShort = word.hasPrefix("-") && !word.hasPrefix("--") && word.hasSuffix("o")
        return next == "json" && (word == "--output" || isShort)
      }
  }

  static func write(_ error: AegisError) {
    let log = Verbosity.isVerbose && !error.log.isEmpty ? error.log : nil
    if isJSON, let line = try? JSONText.compact(FailureObject(error, log: log)) {
      return StandardError.write(line + "\n")
    }
    StandardError.write("aegisctl: \(error.message)\n")
    if let hint = error.hint { StandardError.hint(hint) }
    if let log { StandardError.write(log + "\n") }
  }
}

/// A failure for programs, on a single line.
struct FailureObject: Encodable {
  private let error: AegisError
  private let log: String?

  init(_ error: AegisError, log: String? = nil) {
    self.error = error
    self.log = log
  }

  private enum Key: String, CodingKey {
    case apiVersion, kind, exitStatus, code, message, hint, file, line, field, value, log
  }

  /// Unknown values are null.
  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: Key.self)
    try object.encode(APIVersion.current, forKey: .apiVersion)
    try object.encode("Error", forKey: .kind)
    try object.encode(error.kind.rawValue, forKey: .exitStatus)
    try object.encode(error.code.rawValue, forKey: .code)
    try object.encode(error.message, forKey: .message)
    try object.encode(error.hint.map(SuggestedCommand.text), forKey: .hint)
    try object.encode(error.subject.file, forKey: .file)
    try object.encode(error.subject.line, forKey: .line)
    try object.encode(error.subject.field, forKey: .field)
    try object.encode(error.subject.value, forKey: .value)
    try object.encodeIfPresent(log, forKey: .log)
  }
}
