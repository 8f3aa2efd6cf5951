internal import BPF
internal import CAegis
internal import Linux

extension Interfaces {
  /// Undoes an interrupted detachment, and records the current namespace and index of an interface that was moved.
  func settle(_ present: Attachment, _ known: [Attachment]) throws(AegisError) {
    if let other = known.first(where: {
      $0.slot != present.slot && $0.pin == present.ifindex && ($0.isAttached || $0.isDeclared)
    }) {
      throw Self.sameIndex(other, present.name)
    }
    let slots = try Slots(datapath)
    let taken = try slots.taken().first { $0.slot == present.slot }
    guard var interface = taken?.interface else { return }
    interface[modeOf: present.direction] = present.mode.recorded
    interface.netns = NetworkNamespace.currentInode()
    interface.ifindex = present.ifindex
    CText.write(present.name, to: &interface.name)
    interface.note(try Self.link(present.ifindex))
    if present.pin == present.ifindex { return try slots.update(present.slot, to: interface) }
    // Packets are counted by the interface's index, with which the name of its pins begins.
    let slot = try slot(for: present.name, present.ifindex, known)
    let directions = Direction.allCases.filter { interface[blockOf: $0] != AEGIS_BLOCK_OTHER }
    try slots.claim(slot, for: interface, directions)
    let root = datapath.root
    try kernel { () throws(SystemError) in
      for (old, new) in zip(root.pins(of: present.pin), root.pins(of: present.ifindex))
      where try FileSystem.exists(old) {
        try FileSystem.rename(old, to: new)
      }
    }
    if slot != present.slot { try slots.release(present.slot) }
  }
}

extension PinRoot {
  /// The pins that the links of an interface may have.
  func pins(of ifindex: UInt32) -> [String] {
    [link(ifindex)] + Direction.allCases.map { link(ifindex, $0) } + [silence(ifindex)]
  }
}
