import CAegis

/// Why a packet passed or was dropped; every packet has exactly one.
public struct Reason: RawRepresentable, Hashable, Sendable {
  /// An `enum aegis_reason`, and the index of its counter.
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// `AEGIS_REASON_FIRST_DROP`: a macro that names an enumerator, which Swift does not import.
  static let firstDrop = AEGIS_DROP_HOST

  public var verdict: Verdict {
    rawValue < Self.firstDrop.rawValue ? .pass : .drop
  }

  /// The verdict and the reason: `drop.rate`. A number of another version is `drop.unknown`.
  public var name: String {
    verdict.rawValue + "." + String(cString: aegis_reason_text(rawValue).name)
  }

  /// One clause in English: "its source is over its rate".
  public var meaning: String { String(cString: aegis_reason_text(rawValue).meaning) }
}

extension Reason: CaseIterable {
  /// In the order of their counters.
  public static var allCases: [Reason] {
    let passes = 0..<AEGIS_PASS_END.rawValue
    let drops = firstDrop.rawValue..<AEGIS_DROP_END.rawValue
    return (Array(passes) + drops).map(Reason.init(rawValue:))
  }
}

extension Reason: Comparable {
  public static func < (left: Reason, right: Reason) -> Bool { left.rawValue < right.rawValue }
}

extension Reason: CustomStringConvertible {
  public var description: String { name }
}
