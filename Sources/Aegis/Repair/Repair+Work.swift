internal import BPF
internal import Linux

extension Repair.Step.Work {
  func perform(_ datapath: Datapath, _ session: borrowing Session) throws(AegisError) {
    let interfaces = Interfaces(datapath)
    switch self {
    case .nothing: break
    case .pin(let loss, let direction): try PinRepair(datapath.root, direction).restore(loss)
    case .finishReplacement: try Generations(datapath.root).finishReplacement(by: datapath)
    case .attach(let attachment):
      _ = try interfaces.attach(
        HostPlan.Attaching(attachment, mode: attachment.repairMode), in: session)
    case .settle(let wire, let mode): try wire.prepare(mode: mode)
    case .follow(let attachment, let isUp): try interfaces.hold(attachment, isUp: isUp)
    case .restore(let attachment): try interfaces.moveToCurrentProgram(attachment)
    case .adopt(let link, let attachment):
      try kernel { () throws(SystemError) in
        let pin = attachment.path(at: datapath.root)
        _ = try FileSystem.remove(pin)
        try BPFLink.open(id: link)?.pin(at: pin)
      }
    case .detach(let attachment): try interfaces.detach(attachment, in: session)
    case .restorePolicy: try session.restoreIfDue(datapath)
    case .mend(let tables, let pin): try tables.mend(pin)
    case .clearUnused(let tables): try tables.clearUnused()
    case .relay(let relay, let part): try relay.repair(part, in: session)
    case .hook(let hook, let part): try hook.repair(part)
    case .leave(let attachment): try RelayHost.undo(attachment, of: datapath)
    case .clear(let path):
      try kernel { () throws(SystemError) in _ = try FileSystem.remove(path) }
    }
  }
}

extension Attachment {
  /// A new interface with the same name may lack the features of the old one: a slower mode is better than none.
  fileprivate var repairMode: AttachMode { mode == .native ? .auto : mode }
}
