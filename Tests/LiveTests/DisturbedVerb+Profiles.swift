import Foundation
import TestSupport
import Testing

/// Verbs about profiles.
extension DisturbedVerb {
  private static func profile(_ rest: String) -> String {
    """
    apiVersion: aegis/v1
    kind: Policy
    metadata: {profile: strict}
    spec:
      keys:
      - any:8000/udp

    """ + rest
  }

  private static let profileBefore = profile(
    "  - {key: any:8002/udp, rate: 3/s}\n  - any:8010-8019/udp\n  default: allow\n"
      + "  rates: [{rate: 1k/s}, {rate: 5k/s, port: 20-29/udp}]\n"
      + "  rules: [{name: one, match: {port: 9/udp}, then: drop}]\n")
  private static let profileAfter = profile(
    "  - {key: \"198.18.1.0/24:8001/udp\", rate: 20/s}\n  default: deny\n"
      + "  rates: [{rate: 2k/s}, {rate: 6k/s, port: 9/udp}]\n"
      + "  rules: [{name: two, match: {port: 10/udp}, then: limit, rate: 9/s}]\n")

  private static func of(
    _ arguments: [String], input: String? = nil, undo: [String], undoInput: String? = nil
  ) -> DisturbedVerb {
    DisturbedVerb(
      name: arguments.filter { $0 != "--force" }.joined(separator: " ") + " (profiles)",
      arguments: arguments, input: input,
      prepare: { live in
        try attach(live)
        try live.ok(declare, input: profileBefore)
      }, undo: { try $0.ok(undo, input: undoInput) })
  }

  static let profiles: [DisturbedVerb] = [
    of(declare, input: profileAfter, undo: declare, undoInput: profileBefore),
    of(
      ["apply", "-f", "-", "--as", "new", "--force"], input: profileAfter,
      undo: ["switch", "--remove", "new"]),
    of(["switch", "strict", "--force"], undo: ["switch", "main"]),
    of(
      ["switch", "strict", "--force", "--confirm-within", "1h"], undo: ["rollback", "--force"]),
    of(
      ["switch", "strict", "--when", "received > 1M/s", "--for", "1m", "--force"],
      undo: ["switch", "strict", "--when", "off"]),
    of(["set-rate", "7/s", "--as", "strict", "--force"], undo: declare, undoInput: profileBefore),
    of(["switch", "--remove", "strict"], undo: declare, undoInput: profileBefore),
  ]
}
