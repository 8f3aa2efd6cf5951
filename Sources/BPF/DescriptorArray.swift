import CLibBPF
import Glibc
public import Linux

/// An array of maps or of programs, open for reading and writing: they are put by descriptor, and read by number.
public struct DescriptorArray: ~Copyable {
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

  /// Takes over the descriptor of an array.
  public init(_ descriptor: consuming FileDescriptor, named name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// The kernel's number for the map or program at an index; nil if there is none.
  ///
  /// The corresponding C function is `bpf_map_lookup_elem`.
  public func id(at index: UInt32) throws(SystemError) -> UInt32? {
    var (key, id) = (index, UInt32(0))
    return try descriptor.lookUp(&key, into: &id, of: name) ? id : nil
  }

  /// Puts a map at an index, then waits until no program uses the one that was there.
  public func put(_ map: borrowing AnyBPFMap, at index: UInt32) throws(SystemError) {
    try put(map.descriptor, at: index)
  }

  /// Puts a program at an index in place of the one that was there.
  public func put(_ program: borrowing BPFProgram, at index: UInt32) throws(SystemError) {
    try put(program.descriptor, at: index)
  }

  /// The corresponding C function is `bpf_map_update_elem`.
  private func put(_ item: borrowing FileDescriptor, at index: UInt32) throws(SystemError) {
    var (key, value) = (index, item.rawValue)
    let number = descriptor.rawValue
    try check(uninterrupted { bpf_map_update_elem(number, &key, &value, 0) }, "update", name)
  }

  /// Empties an index, then waits as `put` does; false if it was empty.
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
