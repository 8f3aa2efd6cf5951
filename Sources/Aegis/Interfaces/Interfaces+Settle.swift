internal import BPF
internal import CAegis
internal import Linux

extension Interfaces {
  /// Undoes a detachment that did not come to an end, and has an interface that was moved belong where it is now.
  func settle(_ present: Attachment, _ known: [Attachment]) throws(AegisError) {
    let slots = try Slots(datapath)
    let taken = try slots.taken().first { $0.slot == present.slot }
    guard var interface = taken?.interface, let mode = present.mode.xdp else { return }
    interface.mode = mode.rawValue
    interface.netns = NetworkNamespace.currentInode()
    interface.ifindex = present.ifindex
    CText.write(present.name, to: &interface.name)
    if present.pin == present.ifindex { return try slots.update(present.slot, to: interface) }
    // Its packets are counted by its index, and its pin is called so.
    let slot = try slot(for: present.name, present.ifindex, known)
    let (old, new) = (datapath.root.link(present.pin), datapath.root.link(present.ifindex))
    try slots.claim(slot, for: interface)
    try kernel { () throws(SystemError) in try FileSystem.rename(old, to: new) }
    if slot != present.slot { try slots.release(present.slot) }
  }
}
