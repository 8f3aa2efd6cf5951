/// Bad input: the text, what is wrong with it and, if known, what to write instead.
public struct InputError: Error, Hashable, Sendable {
  /// The text exactly as read; it may contain anything. `description` prints it safely.
  public let input: String
  /// What is wrong, as a predicate: "has host bits set".
  public let problem: String
  /// What to do about it.
  public let hint: String?

  public init(input: String, problem: String, hint: String? = nil) {
    self.input = input
    self.problem = problem
    self.hint = hint
  }

  init(_ input: some StringProtocol, _ problem: String, hint: String? = nil) {
    self.init(input: String(input), problem: problem, hint: hint)
  }
}

/// Input that was interpreted as something other than it says: the text, and its interpretation.
public struct InputNote: Hashable, Sendable {
  public let input: String
  /// "is an IPv4-mapped address, read as 192.0.2.1".
  public let reading: String

  init(_ input: some StringProtocol, _ reading: String) {
    self.input = String(input)
    self.reading = reading
  }
}

extension InputNote: CustomStringConvertible {
  /// Formatted like an `InputError`.
  public var description: String { "\"\(InputError.printable(input))\": \(reading)" }
}

extension InputError: CustomStringConvertible {
  private static let shownScalars = 80

  /// `"10.0.0.1/8": has host bits set`. The input is truncated, and characters that could control a terminal are
  /// escaped.
  public var description: String {
    "\"\(Self.printable(input))\": \(problem)"
  }

  /// `"tomorrow" is not a time`, for the middle of a message.
  public var clause: String { "\"\(Self.printable(input))\" \(problem)" }

  fileprivate static func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars
    var shown = ""
    for scalar in scalars.prefix(shownScalars) {
      shown += isPlain(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return scalars.dropFirst(shownScalars).isEmpty ? shown : shown + "…"
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    case .spaceSeparator: scalar == " "
    default: true
    }
  }
}
