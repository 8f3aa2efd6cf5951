import Glibc

/// The start of a small file, such as one of the kernel's: at most `limit` bytes.
///
/// The corresponding C function is `read`.
public func readFile(_ path: String, limit: Int = 4096) throws(SystemError) -> String {
  let file = try FileDescriptor(opening: path, O_RDONLY)
  defer { extendLifetime(file) }
  var buffer = [UInt8](repeating: 0, count: limit)
  let bytes = try Descriptors.read(file.rawValue, into: &buffer, named: path) ?? []
  return String(decoding: bytes, as: UTF8.self)
}
