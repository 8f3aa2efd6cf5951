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
    guard var interface = taken?.interface, let mode = present.mode.xdp else { return }
    interface.mode = mode.rawValue
    interface.netns = NetworkNamespace.currentInode()
    interface.ifindex = present.ifindex
    CText.write(present.name, to: &interface.name)
    if present.pin == present.ifindex { return try slots.update(present.slot, to: interface) }
    // Packets are counted by the interface's index, which is also the name of its pin.
    let slot = try slot(for: present.name, present.ifindex, known)
    let (old, new) = (datapath.root.link(present.pin), datapath.root.link(present.ifindex))
    try slots.claim(slot, for: interface)
    try kernel { () throws(SystemError) in
      try FileSystem.rename(old, to: new)
      let silence = datapath.root.silence(present.pin)
      if try FileSystem.exists(silence) {
        try FileSystem.rename(silence, to: datapath.root.silence(present.ifindex))
      }
    }
    if slot != present.slot { try slots.release(present.slot) }
  }
}
