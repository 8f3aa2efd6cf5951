import Glibc

/// The one value of an array map made with `BPF_F_MMAPABLE`, shared with the programs that use it: reading and
/// writing it are no system calls.
public struct MappedValue<Value: BitwiseCopyable>: ~Copyable {
  private let pointer: UnsafeMutablePointer<Value>

  /// Maps the value of index 0. The map lives at least as long as this.
  ///
  /// The corresponding C function is `mmap`.
  public init(of map: borrowing FileDescriptor, named name: String) throws(BPFError) {
    let address = mmap(
      nil, MemoryLayout<Value>.size, PROT_READ | PROT_WRITE, MAP_SHARED, map.rawValue, 0)
    guard let address, address != MAP_FAILED else {
      throw BPFError(operation: "map into memory", subject: name, errno: Glibc.errno)
    }
    pointer = address.bindMemory(to: Value.self, capacity: 1)
  }

  deinit {
    munmap(pointer, MemoryLayout<Value>.size)
  }

  /// As it is now; not at one instant while a program writes.
  public var value: Value {
    get { pointer.pointee }
    nonmutating set { pointer.pointee = newValue }
  }
}
