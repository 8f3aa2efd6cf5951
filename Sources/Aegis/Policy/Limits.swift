internal import CAegis

/// What decides about packets that no entry names, and whether what is decided is done.
public struct Limits: Sendable {
  public enum Default: String, Sendable, CaseIterable { case allow, deny }

  /// Whether what would be dropped is dropped, or only counted.
  public enum Mode: String, Sendable, CaseIterable { case enforce, monitor }

  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  public func defaultAction() throws(AegisError) -> Default {
    try Settings.read(datapath).stages & aegis_stage.deny != 0 ? .deny : .allow
  }

  /// Returns whether that changes anything. The next packet is judged by it.
  public func setDefault(
    _ action: Default, in session: borrowing Session
  ) throws(AegisError) -> Bool {
    try change(in: session) { config in
      if action == .deny {
        config.stages |= aegis_stage.deny
      } else {
        config.stages &= ~aegis_stage.deny
      }
    }
  }

  public func mode() throws(AegisError) -> Mode {
    try Settings.read(datapath).stages & aegis_stage.monitor != 0 ? .monitor : .enforce
  }

  /// Returns whether that changes anything.
  public func setMode(_ mode: Mode, in session: borrowing Session) throws(AegisError) -> Bool {
    try change(in: session) { config in
      if mode == .monitor {
        config.stages |= aegis_stage.monitor
      } else {
        config.stages &= ~aegis_stage.monitor
      }
    }
  }

  func change(
    in session: borrowing Session, _ edit: (inout aegis_config) -> Void
  ) throws(AegisError) -> Bool {
    let before = try Settings.read(datapath)
    var config = before
    edit(&config)
    if isIdentical(config, before) { return false }
    if !session.isDryRun { try Settings.write(config, to: datapath) }
    return true
  }
}
