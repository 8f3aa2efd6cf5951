/// What becomes of a packet.
public enum Verdict: String, Hashable, Sendable, CaseIterable {
  case pass
  case drop
}
