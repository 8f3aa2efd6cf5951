internal import BPF
internal import CAegis
internal import Linux

/// The records and settings that make two interfaces a wire, apart from the links of the datapath itself.
struct WireAttachment {
  private struct Port {
    let name: String
    let ifindex: UInt32
    /// nil until it is claimed.
    let slot: UInt32?
    let interface: aegis_interface
    /// Bytes of the longest frame that it takes.
    let longest: UInt32
  }

  private let datapath: Datapath
  private let options: WireOptions
  private let names: [String]
  private let longest: [String: UInt32]

  /// Bytes of an Ethernet header.
  private static let header: UInt32 = 14

  init(
    _ datapath: Datapath, _ names: [String], _ options: WireOptions, _ ports: [WirePort]
  ) throws(AegisError) {
    self.datapath = datapath
    self.options = options
    self.names = names
    longest = Dictionary(
      ports.map { ($0.name, $0.mtu + Self.header) }, uniquingKeysWith: { first, _ in first })
  }

  private func ports() throws(AegisError) -> [Port] {
    let taken = try Slots(datapath).taken()
    return try names.map { name throws(AegisError) in
      guard let ifindex = Interface.index(of: name) else { throw Interfaces.noInterface(name) }
      let known = taken.first { $0.interface.ifindex == ifindex }
      return Port(
        name: name, ifindex: ifindex, slot: known?.slot,
        interface: known?.interface ?? aegis_interface(), longest: longest[name] ?? 0)
    }
  }

  /// The record that a port should have; what must be undone is kept.
  private func record(of port: Port, peer: Port, undo: UInt32 = 0) -> aegis_interface {
    var interface = port.interface
    interface.peer = peer.ifindex
    interface.longest = peer.longest
    interface.flags =
      options.flags(of: port.name) | undo
      | interface.flags
      & (aegis_port_flag.undo | aegis_port_flag.relay | aegis_port_flag.profile)
    return interface
  }

  /// Whether nothing is missing but, perhaps, the links of the datapath.
  var isComplete: Bool {
    get throws(AegisError) { try faults().isEmpty }
  }

  /// What is missing, each as a clause.
  func faults() throws(AegisError) -> [String] {
    let ports = try ports()
    var faults: [String] = []
    let map: BPFMap<UInt32, UInt32> = try datapath.map(AEGIS_MAP_wire)
    for (port, peer) in [(ports[0], ports[1]), (ports[1], ports[0])] {
      let wanted = record(of: port, peer: peer)
      let isRecorded =
        port.slot != nil && wanted.peer == port.interface.peer
        && wanted.flags == port.interface.flags
      if !isRecorded { faults.append("\(port.name) is not recorded as a port of this wire") }
      if isRecorded, wanted.longest != port.interface.longest {
        faults.append("the MTU of \(peer.name) was changed")
      }
      let target = try kernel { () throws(SystemError) in
        try port.slot.flatMap { slot throws(SystemError) in try map.value(forKey: slot) }
      }
      if target != peer.ifindex { faults.append("\(port.name) does not send to \(peer.name)") }
      if !WirePrograms.isSilent(port.ifindex, at: datapath.root) {
        faults.append("the host is not silent on \(port.name)")
      }
      faults += try kernel { () throws(SystemError) in
        try Self.loudness(of: port.name, port.ifindex)
      }
    }
    if try !datapath.root.countsLost { faults.append("lost frames are not counted") }
    return faults
  }

  private static func loudness(
    of name: String, _ ifindex: UInt32
  ) throws(SystemError) -> [String] {
    var faults: [String] = []
    if try !Interface.isIPv6Off(name) { faults.append("IPv6 is on at \(name)") }
    let flags = try LinkInfo.of(ifindex)?.flags ?? []
    if !flags.contains(.noARP) { faults.append("ARP is on at \(name)") }
    if !flags.contains(.promiscuous) { faults.append("\(name) is not promiscuous") }
    return faults
  }

  /// Does everything but attaching the datapath. A call that is killed leaves records from which `detach` undoes it, and
  /// `repair` completes it.
  ///
  /// - Parameter mode: That the ports are going to be attached in.
  func prepare(mode: AttachMode) throws(AegisError) {
    let slots = try Slots(datapath)
    // The record comes first: what is changed must be known to whoever undoes it.
    for (port, peer, slot) in try pairs() {
      let undo = try kernel { () throws(SystemError) in try Self.undoing(port.name, port.ifindex) }
      try slots.update(slot, to: record(of: port, peer: peer, undo: undo))
    }
    let programs = try WirePrograms(of: datapath)
    for (port, peer, slot) in try pairs() {
      let undo = try programs.silence(port.ifindex)
      if undo != 0 { try slots.update(slot, to: record(of: port, peer: peer, undo: undo)) }
      try kernel { () throws(SystemError) in
        if try !Interface.isIPv6Off(port.name) { try Interface.setIPv6Off(true, of: port.name) }
        try Interface.set(.noARP, true, of: port.name)
        try Interface.set(.promiscuous, true, of: port.name)
      }
    }
    try programs.countLost(of: datapath)
    let map: BPFMap<UInt32, UInt32> = try datapath.map(AEGIS_MAP_wire)
    for (_, peer, slot) in try pairs() {
      try kernel { () throws(SystemError) in try map.update(peer.ifindex, forKey: slot) }
    }
    // From here on `repair` attaches both.
    for (port, peer, slot) in try pairs() where port.interface.mode == 0 {
      var interface = record(of: port, peer: peer)
      interface.mode = mode.recorded
      try slots.update(slot, to: interface)
    }
  }

  private func pairs() throws(AegisError) -> [(Port, peer: Port, slot: UInt32)] {
    let ports = try ports()
    return try [(ports[0], ports[1]), (ports[1], ports[0])].map { port, peer throws(AegisError) in
      guard let slot = port.slot else { throw AegisError.notAttached(port.name) }
      return (port, peer, slot)
    }
  }

  /// What silencing a port will change.
  private static func undoing(
    _ name: String, _ ifindex: UInt32
  ) throws(SystemError) -> UInt32 {
    var undo: UInt32 = 0
    let flags = try LinkInfo.of(ifindex)?.flags ?? []
    if try !Interface.isIPv6Off(name) {
      undo |= aegis_port_flag.undoIPv6
      if try Interface.isIPv6Off("all") { undo |= aegis_port_flag.ipv6Alone }
    }
    if !flags.contains(.noARP) { undo |= aegis_port_flag.undoARP }
    if !flags.contains(.promiscuous) { undo |= aegis_port_flag.undoPromiscuous }
    return undo
  }

  /// Undoes everything for a port whose link of the datapath is gone. What is undone already is no error. What cannot be
  /// undone here stays recorded for the next `detach` or `repair`.
  static func undo(_ port: Attachment, of datapath: Datapath) throws(AegisError) {
    let slots = try Slots(datapath)
    guard var interface = try slots.taken().first(where: { $0.slot == port.slot })?.interface
    else { return }
    let map: BPFMap<UInt32, UInt32> = try datapath.map(AEGIS_MAP_wire)
    try kernel { () throws(SystemError) in _ = try map.remove(port.slot) }
    if port.isElsewhere, interface.flags & aegis_port_flag.undo != 0, !port.isMoved {
      Notice.give(
        "the settings of \(port.name) are restored by 'aegisctl repair' in its network namespace")
      return
    }
    var failed: SystemError?
    if !port.isElsewhere, let name = Interface.name(of: port.ifindex) {
      try WirePrograms.release(port.ifindex, flags: interface.flags, at: datapath.root)
      interface.flags &= ~aegis_port_flag.undoQueue
      for (bit, undo) in Self.undoings where interface.flags & bit != 0 {
        do throws(SystemError) {
          try undo(name, interface.flags)
          interface.flags &= ~bit
        } catch {
          failed = failed ?? error
        }
      }
    }
    _ = try kernel { () throws(SystemError) in
      try FileSystem.remove(datapath.root.silence(port.pin))
    }
    if failed == nil {
      interface.peer = 0
      interface.longest = 0
      interface.flags &= aegis_port_flag.relay | aegis_port_flag.profile
    }
    try slots.update(port.slot, to: interface)
    if let failed { throw AegisError(failed) }
  }

  /// By the bits of what was changed.
  private static let undoings: [(UInt32, @Sendable (String, UInt32) throws(SystemError) -> Void)] =
    [
      (
        aegis_port_flag.undoPromiscuous,
        { name, _ throws(SystemError) in try Interface.set(.promiscuous, false, of: name) }
      ),
      (
        aegis_port_flag.undoARP,
        { name, _ throws(SystemError) in try Interface.set(.noARP, false, of: name) }
      ),
      (
        aegis_port_flag.undoIPv6,
        { name, flags throws(SystemError) in
          // Meanwhile it may have been switched off everywhere.
          let isOffEverywhere = try Interface.isIPv6Off("all")
          let isMeant = !isOffEverywhere || flags & aegis_port_flag.ipv6Alone != 0
          if isMeant, try Interface.isIPv6Off(name) { try Interface.setIPv6Off(false, of: name) }
        }
      ),
      (
        aegis_port_flag.heldDown,
        { name, _ throws(SystemError) in try Interface.set(.up, true, of: name) }
      ),
    ]
}
