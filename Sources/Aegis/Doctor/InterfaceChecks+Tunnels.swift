extension InterfaceChecks {
  private static let mostNamed = 5

  /// Tunnels that run over it.
  var tunnels: Finding {
    let check = "tunnels"
    let ends = facts.carried.filter { !$0.isFrames }
    if ends.isEmpty { return .ok(check, "none without a protected key") }
    let more = ends.count > Self.mostNamed ? ", \(ends.count - Self.mostNamed) more" : ""
    return Finding(
      check, .warning,
      ends.prefix(Self.mostNamed).map { "\($0)" }.joined(separator: ", ") + more,
      because:
        "all that a tunnel carries counts as sent by its peer: a rate for each source, or deny, cuts it",
      fix: AegisError.exemption(of: ends))
  }

  /// Frames that are not IP, and carry some; nil without them.
  var frames: Finding? {
    let names = facts.carried.filter(\.isFrames).map { "\($0)" }
    if names.isEmpty { return nil }
    return Finding(
      "frames", .warning, names.joined(separator: ", "),
      because:
        "PPPoE and MACsec frames are not IP to the datapath: all pass under allow, none under deny")
  }
}
