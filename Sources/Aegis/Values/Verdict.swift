internal import CAegis

/// What happens to a packet.
public enum Verdict: String, Hashable, Sendable {
  case pass
  case drop
  /// The packet is sent back as an answer.
  case reply

  /// An `enum aegis_action`.
  init?(action: UInt32) {
    switch action {
    case AEGIS_PASS.rawValue: self = .pass
    case AEGIS_DROP.rawValue: self = .drop
    case AEGIS_REPLY.rawValue: self = .reply
    default: return nil
    }
  }

  var action: UInt32 {
    switch self {
    case .pass: AEGIS_PASS.rawValue
    case .drop: AEGIS_DROP.rawValue
    case .reply: AEGIS_REPLY.rawValue
    }
  }
}

extension Verdict: CaseIterable {
  /// The verdicts that have a reason.
  public static let allCases = [Verdict.pass, .drop, .reply].filter { verdict in
    Reason.allCases.contains { $0.verdict == verdict }
  }
}
