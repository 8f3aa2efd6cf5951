/// Something in a policy that has no effect, or not the one that it seems to have.
public struct LintFinding: Sendable, Equatable {
  public enum Severity: String, Sendable, CaseIterable {
    /// It cannot do what it says.
    case warning
    /// It changes nothing, which may be intended.
    case note
  }

  public enum Code: String, Sendable, CaseIterable {
    /// No packet can match it.
    case contradictory
    /// Earlier rules decide about all of its packets.
    case shadowed
    /// Another one of its kind does all that it does.
    case redundant
    /// An earlier stage decides about all of its packets.
    case unreachable
    /// What comes behind it does the same.
    case needless
    /// A protected key lets in packets that it drops.
    case overridden
    /// What it names has no addresses.
    case empty
    /// Nothing names it.
    case unused
  }

  public let code: Code
  public let severity: Severity
  public let place: LintPlace
  private let message: LintMessage

  init(_ code: Code, _ severity: Severity, _ place: LintPlace, _ message: LintMessage) {
    (self.code, self.severity, self.place, self.message) = (code, severity, place, message)
  }

  /// The parts of the policy because of which it is so.
  public var others: [LintPlace] { message.places }

  /// A clause about the place.
  ///
  /// - Parameter name: What another place is called.
  public func text(_ name: (LintPlace) -> String) -> String { message.text(name) }
}

extension LintFinding: CustomStringConvertible {
  public var description: String { "\(place) \(text { "\($0)" })" }
}

/// A text that names places.
struct LintMessage: Sendable, Equatable, ExpressibleByStringInterpolation {
  fileprivate enum Part: Equatable, Sendable {
    case text(String)
    case places([LintPlace])
  }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var parts: [Part] = []

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ text: String) { parts.append(.text(text)) }
    mutating func appendInterpolation(_ text: String) { parts.append(.text(text)) }
    mutating func appendInterpolation(_ place: LintPlace) { parts.append(.places([place])) }
    mutating func appendInterpolation(_ places: [LintPlace]) { parts.append(.places(places)) }
  }

  private let parts: [Part]

  init(stringLiteral text: String) { parts = [.text(text)] }
  init(stringInterpolation: StringInterpolation) { parts = stringInterpolation.parts }

  var places: [LintPlace] {
    parts.flatMap { part -> [LintPlace] in
      if case .places(let places) = part { return places }
      return []
    }
  }

  func text(_ name: (LintPlace) -> String) -> String {
    parts.map { part in
      switch part {
      case .text(let text): return text
      case .places(let places):
        let names = places.map(name)
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return names.dropLast().joined(separator: ", ") + " and " + last
      }
    }.joined()
  }
}
