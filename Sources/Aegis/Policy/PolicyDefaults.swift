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

  public func mode() throws(AegisError) -> Mode {
    try Settings.read(datapath).stages & aegis_stage.monitor != 0 ? .monitor : .enforce
  }
}
