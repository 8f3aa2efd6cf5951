import CLibBPF
import Glibc
public import Linux

/// An array of programs to continue with by a tail call.
public struct ProgramArray: ~Copyable {
  /// The last component of its path, used in errors.
  public let name: String
  private let descriptor: FileDescriptor

  /// Opens a pinned array.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(SystemError) {
    descriptor = try RawMap.open(pinnedAt: path)
    name = path.lastPathComponent
  }

  /// Puts a program at an index in place of the one that was there.
  ///
  /// The corresponding C function is `bpf_map_update_elem`.
  public func put(_ program: borrowing BPFProgram, at index: UInt32) throws(SystemError) {
    var (key, value) = (index, program.descriptor.rawValue)
    let number = descriptor.rawValue
    try check(uninterrupted { bpf_map_update_elem(number, &key, &value, 0) }, "update", name)
  }

  /// Empties an index; false if it was empty.
  ///
  /// The corresponding C function is `bpf_map_delete_elem`.
  @discardableResult
  public func remove(at index: UInt32) throws(SystemError) -> Bool {
    var key = index
    let number = descriptor.rawValue
    let result = uninterrupted { bpf_map_delete_elem(number, &key) }
    if result == -ENOENT { return false }
    try check(result, "remove from", name)
    return true
  }
}
