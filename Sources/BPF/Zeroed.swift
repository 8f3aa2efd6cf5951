import CLibBPF
import Glibc

/// Passes a C structure that is zero including its padding, which libbpf and the kernel check and Swift's initializer
/// does not clear.
func withZeroed<Structure, Result>(
  _ type: Structure.Type, _ body: (UnsafeMutablePointer<Structure>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: type, capacity: 1) { buffer in
    memset(buffer.baseAddress!, 0, MemoryLayout<Structure>.size)
    return body(buffer.baseAddress!)
  }
}

/// Queries the kernel about the object of a descriptor, after `prepare` has set the input fields.
func kernelInfo<Info>(
  _ type: Info.Type, of descriptor: CInt, prepare: (inout Info) -> Void = { _ in }
) -> (result: CInt, info: Info) {
  withZeroed(type) { info in
    prepare(&info.pointee)
    var size = UInt32(MemoryLayout<Info>.size)
    return (uninterrupted { bpf_obj_get_info_by_fd(descriptor, info, &size) }, info.pointee)
  }
}
