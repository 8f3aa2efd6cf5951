extension InterfaceChecks {
  private static let mostNamed = 5

  /// Tunnels that use the interface.
  var tunnels: Finding {
    let check = "tunnels"
    let ends = facts.carried.filter { !$0.isFrames }
    if ends.isEmpty { return .ok(check, "no tunnel without a protected key") }
    let more = ends.count > Self.mostNamed ? ", \(ends.count - Self.mostNamed) more" : ""
    return Finding(
      check, .warning,
      ends.prefix(Self.mostNamed).map { "\($0)" }.joined(separator: ", ") + more,
      because:
        "everything in a tunnel counts as sent by its peer: a rate for each source, or default deny, would cut it off",
      fix: AegisError.exemption(of: ends))
  }

  /// Frames that are not IP and carry other packets; nil if there are none.
  var frames: Finding? {
    let names = facts.carried.filter(\.isFrames).map { "\($0)" }
    if names.isEmpty { return nil }
    return Finding(
      "frames", .warning, names.joined(separator: ", "),
      because:
        "the datapath does not look into PPPoE and MACsec frames: all pass with default allow, none with default deny"
    )
  }
}
