import Aegis
import CAegis
import Testing

@testable import TestModel

/// What must become of a frame under a policy.
struct FrameCase: Sendable, CustomTestStringConvertible {
  let name: String
  let frame: Frame
  let policy: Policy
  let verdict: Verdict
  let reason: Reason
  var wouldDrop: Reason?
  /// Frames that came before it.
  let earlier: [Frame]

  init(
    _ name: String, _ frame: Frame, _ policy: Policy, _ verdict: Verdict, _ reason: aegis_reason,
    wouldDrop: aegis_reason? = nil, after earlier: [Frame] = []
  ) {
    self.name = name
    self.frame = frame
    self.policy = policy
    self.verdict = verdict
    self.reason = Reason(reason)
    self.wouldDrop = wouldDrop.map { Reason($0) }
    self.earlier = earlier
  }

  var testDescription: String { "\(name): \(reason)" }

  /// Holds the program in the kernel, and the model, to the case.
  func check(at location: SourceLocation = #_sourceLocation) throws {
    let datapath = try LoadedDatapath.shared
    var model = Model(policy)
    try datapath.apply(policy)
    for frame in earlier {
      _ = try datapath.run(frame)
      _ = model.judge(frame)
    }
    let expected = LoadedDatapath.Outcome(
      verdict: verdict, reason: reason, wouldDrop: wouldDrop, bytes: UInt64(frame.bytes.count))
    let outcome = try datapath.run(frame)
    let comment: Comment = "\(name) under \(policy): \(frame.bytes.hex)"
    #expect(outcome == expected, comment, sourceLocation: location)
    #expect(model.judge(frame) == reason, comment, sourceLocation: location)
    #expect(model.wouldDrop == wouldDrop, comment, sourceLocation: location)
  }
}
