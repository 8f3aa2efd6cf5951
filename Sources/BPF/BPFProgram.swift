import CLibBPF
import Glibc
public import Linux

/// A loaded program.
public struct BPFProgram: ~Copyable, Sendable {
  let descriptor: FileDescriptor
  /// The last component of its path, used in errors.
  public let name: String

  /// Opens a pinned program.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(SystemError) {
    self.init(
      FileDescriptor(rawValue: try check(uninterrupted { bpf_obj_get(path) }, "open", path)),
      name: path.lastPathComponent)
  }

  /// Takes over the descriptor of a program.
  public init(_ descriptor: consuming FileDescriptor, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Opens a program by its number; nil if there is no such program.
  ///
  /// The corresponding C function is `bpf_prog_get_fd_by_id`.
  public static func open(id: UInt32) throws(SystemError) -> BPFProgram? {
    let result = uninterrupted { bpf_prog_get_fd_by_id(id) }
    if result == -ENOENT { return nil }
    let number = try check(result, "open", "program \(id)")
    return BPFProgram(FileDescriptor(rawValue: number), name: "program \(id)")
  }

  /// The kernel's information about the program.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(SystemError) -> ProgramInfo {
    try ProgramInfo(of: descriptor, named: name)
  }

  /// Pins the program.
  ///
  /// The corresponding C function is `bpf_obj_pin`.
  public func pin(at path: String) throws(SystemError) {
    let number = descriptor.rawValue
    try check(uninterrupted { bpf_obj_pin(number, path) }, "pin program at", path)
  }
}
