extension InterfaceChecks {
  private static let mostNamed = 5

  /// Tunnels that run over it.
  var tunnels: Finding {
    let check = "tunnels"
    let ends = facts.tunnelEnds
    if ends.isEmpty { return .ok(check, "none without a protected key") }
    let more = ends.count > Self.mostNamed ? ", \(ends.count - Self.mostNamed) more" : ""
    return Finding(
      check, .warning,
      ends.prefix(Self.mostNamed).map { "\($0)" }.joined(separator: ", ") + more,
      because:
        "all that a tunnel carries counts as sent by its peer: a rate for each source, or deny, cuts it",
      fix: AegisError.exemption(of: ends))
  }
}
