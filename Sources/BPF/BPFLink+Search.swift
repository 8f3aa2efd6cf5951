import CLibBPF
import Glibc
public import Linux

extension BPFLink {
  /// The numbers of all links that run a program on an interface of this index, in any namespace.
  ///
  /// The corresponding C function is `bpf_link_get_next_id`.
  public static func search(
    ifindex: UInt32, program: UInt32
  ) throws(SystemError) -> [UInt32] {
    try search(programs: [program]).filter { $0.ifindex == ifindex }.map(\.id)
  }

  /// The numbers of all links that run one of these programs on an interface, in any namespace.
  ///
  /// The corresponding C function is `bpf_link_get_next_id`.
  public static func search(
    programs: Set<UInt32>
  ) throws(SystemError) -> [(id: UInt32, ifindex: UInt32)] {
    if programs.isEmpty { return [] }
    var found: [(id: UInt32, ifindex: UInt32)] = []
    try forEach { id, link throws(SystemError) in
      let info = try link.info()
      if programs.contains(info.programID), info.ifindex != 0, try link.isOfInterface {
        found.append((id, info.ifindex))
      }
    }
    return found
  }

  private static func forEach(
    _ body: (UInt32, borrowing BPFLink) throws(SystemError) -> Void
  ) throws(SystemError) {
    var id: UInt32 = 0
    while true {
      let result = bpf_link_get_next_id(id, &id)
      if result == -ENOENT { return }
      try check(result, "list", "links")
      if let link = try open(id: id) { try body(id, link) }
    }
  }

  /// Opens a link by its number; nil if there is no such link.
  ///
  /// The corresponding C function is `bpf_link_get_fd_by_id`.
  public static func open(id: UInt32) throws(SystemError) -> BPFLink? {
    let result = uninterrupted { bpf_link_get_fd_by_id(id) }
    if result == -ENOENT { return nil }
    let number = try check(result, "open", "link \(id)")
    return BPFLink(FileDescriptor(rawValue: number), named: "link \(id)")
  }
}
