internal import BPF
internal import CAegis
internal import Glibc
internal import Linux

/// Keeps what the host itself would send from leaving by the ports of wires, and counts frames that a port does not
/// take. The programs live as long as their links, and are replaced with the datapath.
struct WirePrograms: ~Copyable {
  private let root: PinRoot
  private let silence: BPFProgram
  private let refused: BPFProgram
  /// nil on a kernel without BTF, which does not say where its fields are.
  private let dropped: BPFProgram?
  private let map: UInt32

  private static let silenceName = "aegis_silence"
  private static let refusedName = "aegis_refused"
  private static let droppedName = "aegis_dropped"
  /// Of the filter on kernels without tcx: before those of others.
  private static let priority: UInt32 = 1

  /// Loads them on the maps of the datapath in force.
  init(of datapath: Datapath) throws(AegisError) {
    let hasBTF = (try? FileSystem.exists("/sys/kernel/btf/vmlinux")) ?? false
    let object = try datapath.load(build: BPFObjects.wire, named: "aegis_wire") {
      object throws(SystemError) in
      if !hasBTF { try object.leaveOut(program: Self.droppedName) }
    }
    let silence = try Self.program(Self.silenceName, of: object)
    let refused = try Self.program(Self.refusedName, of: object)
    let dropped = hasBTF ? try Self.program(Self.droppedName, of: object) : nil
    map = try kernel { () throws(SystemError) in
      try AnyBPFMap(pinnedAt: datapath.root.map(AEGIS_MAP_wire)).info().id
    }
    root = datapath.root
    self.silence = silence
    self.refused = refused
    self.dropped = dropped
  }

  private static func program(
    _ name: String, of object: borrowing BPFObject
  ) throws(AegisError) -> BPFProgram {
    do {
      return BPFProgram(try object.programDescriptor(name), name: name)
    } catch {
      throw AegisError(error)
    }
  }

  /// Whether a port is silenced.
  static func isSilent(_ ifindex: UInt32, at root: PinRoot) -> Bool {
    if let program = linked(to: ifindex, at: root) { return program.isFirst }
    return isOurs(filter(ifindex).program())
  }

  /// The program of the pinned link, if that belongs to this interface of this network namespace. A program before it
  /// may let everything leave.
  private static func linked(
    to ifindex: UInt32, at root: PinRoot
  ) -> (id: UInt32, isFirst: Bool)? {
    guard let link = try? BPFLink(pinnedAt: root.silence(ifindex)).info(), link.ifindex == ifindex
    else { return nil }
    let programs = TrafficDirection.egress.programs(of: ifindex)
    return programs.contains(link.programID)
      ? (link.programID, programs.first == link.programID) : nil
  }

  private static func filter(_ ifindex: UInt32) -> TCFilter {
    TCFilter(.egress, of: ifindex, priority: priority)
  }

  private static func isOurs(_ program: UInt32?) -> Bool {
    guard let program, let info = try? BPFProgram.open(id: program)?.info() else { return false }
    return info.name == silenceName
  }

  /// Silences a port, or gives a silenced one this version of the program.
  ///
  /// - Returns: The bits of `aegis_port_flag` that detaching must undo.
  func silence(_ ifindex: UInt32) throws(AegisError) -> UInt32 {
    let pin = root.silence(ifindex)
    do throws(SystemError) {
      // Without CAP_SYS_ADMIN the program of the link cannot be opened. Then it gets another link before that.
      if let linked = Self.linked(to: ifindex, at: root), linked.isFirst,
        let old = (try? BPFProgram.open(id: linked.id)) ?? nil
      {
        try BPFLink(pinnedAt: pin).update(to: silence, replacing: old)
        return 0
      }
      let staged = root.silence(ifindex) + "-next"
      try FileSystem.removeTree(staged)
      do throws(SystemError) {
        try BPFLink(attaching: silence, to: .egress, of: ifindex).pin(at: staged)
        try FileSystem.removeTree(pin)
        try FileSystem.rename(staged, to: pin)
        return 0
      } catch {
        guard error.errno == EINVAL else { throw error }
      }
      let filter = Self.filter(ifindex)
      let isNew = try filter.attach(silence, replacing: Self.isOurs(filter.program()))
      return isNew ? aegis_port_flag.undoQueue : 0
    } catch {
      throw AegisError(error)
    }
  }

  /// Lets the host send again.
  static func release(
    _ ifindex: UInt32, flags: UInt32, at root: PinRoot
  ) throws(AegisError) {
    let pin = root.silence(ifindex)
    try kernel { () throws(SystemError) in
      if let link = try? BPFLink(pinnedAt: pin) {
        if try link.info().ifindex != 0 { try link.detach() }
        _ = try FileSystem.remove(pin)
        return
      }
      let filter = filter(ifindex)
      if isOurs(filter.program()) {
        try filter.remove(withQueue: flags & aegis_port_flag.undoQueue != 0)
      }
    }
  }

  /// Counts lost frames from now on.
  func countLost(of datapath: Datapath) throws(AegisError) {
    let meta: BPFMap<UInt32, aegis_meta> = try datapath.map(AEGIS_MAP_meta)
    try kernel { () throws(SystemError) in
      if var value = try meta.value(forKey: 0), value.wire != map {
        value.wire = map
        try meta.update(value, forKey: 0)
      }
    }
    try count(by: refused, at: "xdp_redirect_err", pinnedAt: PinRoot.lostNames[0])
    switch dropped {
    case .some(let dropped):
      try count(by: dropped, at: "xdp_devmap_xmit", pinnedAt: PinRoot.lostNames[1])
    case .none: break
    }
  }

  /// In place of an earlier version of the program, without a gap.
  private func count(
    by program: borrowing BPFProgram, at tracepoint: String, pinnedAt name: String
  ) throws(AegisError) {
    let staged = "\(root.path)/\(name)-next"
    try kernel { () throws(SystemError) in
      _ = try FileSystem.remove(staged)
      try BPFLink(attaching: program, toTracepoint: tracepoint).pin(at: staged)
      try FileSystem.rename(staged, to: "\(root.path)/\(name)")
    }
  }

  /// Called after a replacement: the programs of all wires count in the maps in force.
  static func renew(
    for attachments: [Attachment], of datapath: Datapath
  ) throws(AegisError) {
    let ports = attachments.filter { $0.wire != nil && $0.isAttached && !$0.isElsewhere }
    if ports.isEmpty { return }
    let programs = try WirePrograms(of: datapath)
    for port in ports { _ = try programs.silence(port.ifindex) }
    try programs.countLost(of: datapath)
  }

  static func stopCounting(at root: PinRoot) throws(AegisError) {
    try kernel { () throws(SystemError) in
      for name in PinRoot.lostNames { _ = try FileSystem.remove("\(root.path)/\(name)") }
    }
  }
}

extension PinRoot {
  /// The link of the program that silences a port. Beside those of the datapath, so that it goes with them.
  func silence(_ ifindex: UInt32) -> String { "\(links)/\(ifindex)\(Self.silenceSuffix)" }
  static let silenceSuffix = "-silence"

  /// Whether frames that are lost on wires are counted.
  var countsLost: Bool {
    get throws(AegisError) { try has("\(path)/\(Self.lostNames[0])") }
  }

  /// The links of the programs that count lost frames.
  static let lostNames = ["lost", "lost-in-bulk"]
}
