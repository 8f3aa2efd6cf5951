import CAegis

/// Why a packet passed or was dropped; every packet has exactly one.
public struct Reason: Sendable {
  /// An `enum aegis_reason`, which is also the index of its counter.
  public let rawValue: UInt32
  /// The verdict and the reason: `drop.rate`. An unknown number is `drop.unknown`.
  public let name: String
  public let verdict: Verdict
  /// One clause in English: "its source is over its rate".
  public let meaning: String

  /// The meaning for packets of a direction: what is told of the source of a packet that comes in holds for the
  /// destination of one that leaves.
  public func meaning(_ direction: Direction) -> String {
    if direction == .in { return meaning }
    return meaning.replacing("its source", with: "its destination")
      .replacing("lets it in", with: "lets it out")
  }

  public init(rawValue: UInt32) {
    let known = Self.allCases
    self =
      rawValue < known.count
      ? known[Int(rawValue)] : Reason(rawValue: rawValue, .drop, "unknown")
  }

  private init(listed number: UInt32) {
    let text = aegis_reason_text(number)
    rawValue = number
    verdict = Verdict(action: text.action.rawValue) ?? .drop
    name = verdict.rawValue + "." + String(cString: text.name)
    meaning = String(cString: text.meaning)
  }

  /// A reason of a later version, by the name that the instance loaded by it gives.
  init(rawValue: UInt32, _ verdict: Verdict, _ name: String) {
    self.rawValue = rawValue
    self.verdict = verdict
    self.name = verdict.rawValue + "." + name
    meaning = "a reason of another version of aegisctl"
  }
}

extension Reason: Hashable, Comparable {
  public static func == (left: Reason, right: Reason) -> Bool { left.rawValue == right.rawValue }
  public static func < (left: Reason, right: Reason) -> Bool { left.rawValue < right.rawValue }
  public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

extension Reason: CaseIterable {
  /// In the order of their counters.
  public static let allCases = (0..<AEGIS_REASON_COUNT.rawValue).map(Reason.init(listed:))
}

extension Reason: CustomStringConvertible {
  public var description: String { name }
}
