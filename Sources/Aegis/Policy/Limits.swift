internal import BPF
internal import CAegis

/// What decides about packets that no entry names: the default action and the rate.
public struct Limits: Sendable {
  public enum Default: String, Sendable, CaseIterable { case allow, deny }

  let datapath: Datapath

  public init(_ datapath: Datapath) {
    self.datapath = datapath
  }

  public func defaultAction() throws(AegisError) -> Default {
    try Settings.read(datapath).stages & aegis_stage.deny != 0 ? .deny : .allow
  }

  /// The rate each source may reach; nil is no limit.
  public func rate() throws(AegisError) -> Rate? {
    let config = try Settings.read(datapath)
    return config.stages & aegis_stage.rate != 0 ? Rate(config.rate) : nil
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

  /// Returns whether that changes anything. The next packet is judged by it; what a source has used up of its
  /// burst stays used.
  ///
  /// - Throws: `badInput` for a rate or burst that the limiter's clock cannot keep exactly enough.
  public func setRate(_ rate: Rate?, in session: borrowing Session) throws(AegisError) -> Bool {
    let limit: aegis_rate?
    do {
      limit = try rate?.abi()
    } catch {
      throw AegisError(error)
    }
    return try change(in: session) { config in
      config.rate = limit ?? aegis_rate()
      if limit != nil {
        config.stages |= aegis_stage.rate
      } else {
        config.stages &= ~aegis_stage.rate
      }
    }
  }

  private func change(
    in session: borrowing Session, _ edit: (inout aegis_config) -> Void
  ) throws(AegisError) -> Bool {
    let before = try Settings.read(datapath)
    var config = before
    edit(&config)
    if config.isIdentical(to: before) { return false }
    if !session.isDryRun { try Settings.write(config, to: datapath) }
    return true
  }
}
