import CLibBPF
import Glibc
public import Linux

/// A map with keys and values of any type.
public struct AnyBPFMap: ~Copyable, Sendable {
  public let descriptor: FileDescriptor
  /// The last component of its path, used in errors.
  public let name: String

  /// Opens a pinned map.
  ///
  /// The corresponding C function is `bpf_obj_get`.
  public init(pinnedAt path: String) throws(SystemError) {
    descriptor = try RawMap.open(pinnedAt: path)
    name = path.lastPathComponent
  }

  /// Takes over the descriptor of a map.
  public init(_ descriptor: consuming FileDescriptor, named name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Opens a map by its number; nil if there is no such map.
  ///
  /// The corresponding C function is `bpf_map_get_fd_by_id`.
  public static func open(id: UInt32) throws(SystemError) -> AnyBPFMap? {
    let result = uninterrupted { bpf_map_get_fd_by_id(id) }
    if result == -ENOENT { return nil }
    let number = try check(result, "open", "map \(id)")
    return AnyBPFMap(FileDescriptor(rawValue: number), named: "map \(id)")
  }

  /// Pins the map.
  ///
  /// The corresponding C function is `bpf_obj_pin`.
  public func pin(at path: String) throws(SystemError) {
    let number = descriptor.rawValue
    try check(uninterrupted { bpf_obj_pin(number, path) }, "pin map at", path)
  }

  /// The kernel's information about the map.
  ///
  /// The corresponding C function is `bpf_obj_get_info_by_fd`.
  public func info() throws(SystemError) -> MapInfo {
    try MapInfo(of: descriptor, named: name)
  }

  /// Copies the value of a key, which has the map's value size in bytes; false if the key is absent.
  ///
  /// The corresponding C function is `bpf_map_lookup_elem`.
  public func lookUp(
    _ key: UnsafeRawPointer, into value: UnsafeMutableRawPointer
  ) throws(SystemError) -> Bool {
    try descriptor.lookUp(key, into: value, of: name)
  }

  /// The kernel memory that it uses, in bytes; 0 if that cannot be read.
  public func memoryUsage() -> UInt64 { descriptor.memoryUsage }
}
