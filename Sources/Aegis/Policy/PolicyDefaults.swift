internal import CAegis

/// What decides about packets that no entry names, and whether decisions are enforced.
public struct PolicyDefaults: Sendable {
  public enum Default: String, Sendable, CaseIterable { case allow, deny }

  /// Whether packets are really dropped, or only counted as ones that would be.
  public enum Mode: String, Sendable, CaseIterable { case enforce, monitor }

  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  public func defaultAction() throws(AegisError) -> Default {
    try Settings.read(datapath).stages & aegis_stage.deny != 0 ? .deny : .allow
  }

  /// Whether replies to this host's own connections pass under deny.
  public func replies() throws(AegisError) -> Bool {
    try Settings.read(datapath).stages & aegis_stage.replies != 0
  }

  /// The local ports that replies may be for; nil if replies do not pass.
  public func replyPorts() throws(AegisError) -> ClosedRange<UInt16>? {
    try Settings.read(datapath).replyPorts
  }

  public func mode() throws(AegisError) -> Mode {
    try Settings.read(datapath).stages & aegis_stage.monitor != 0 ? .monitor : .enforce
  }
}
