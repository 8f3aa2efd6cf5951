import CLibBPF
import Glibc

extension XDPLink {
  /// The numbers of all links by which an interface of this index, in whatever namespace, runs a program.
  ///
  /// The corresponding C function is `bpf_link_get_next_id`.
  public static func search(
    ifindex: UInt32, program: UInt32
  ) throws(BPFError) -> [UInt32] {
    var found: [UInt32] = []
    var id: UInt32 = 0
    while true {
      let result = bpf_link_get_next_id(id, &id)
      if result == -ENOENT { return found }
      try check(result, "list", "links")
      guard let link = try open(id: id) else { continue }
      let info = try link.info()
      if info.ifindex == ifindex, info.programID == program, try link.isXDP { found.append(id) }
    }
  }

  /// Opens a link by its number, nil if there is none such.
  ///
  /// The corresponding C function is `bpf_link_get_fd_by_id`.
  public static func open(id: UInt32) throws(BPFError) -> XDPLink? {
    let result = uninterrupted { bpf_link_get_fd_by_id(id) }
    if result == -ENOENT { return nil }
    let number = try check(result, "open", "link \(id)")
    return XDPLink(FileDescriptor(rawValue: number), named: "link \(id)")
  }
}
