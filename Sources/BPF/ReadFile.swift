import Glibc

/// The start of a small file, as those of the kernel are: at most `limit` bytes of it.
public func readFile(_ path: String, limit: Int = 4096) throws(SystemError) -> String {
  let file = FileDescriptor(
    rawValue: try checkErrno(open(path, O_RDONLY | O_CLOEXEC), "open", path))
  defer { extendLifetime(file) }
  let number = file.rawValue
  let text: String? = withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
    let count = read(number, buffer.baseAddress, buffer.count)
    guard count >= 0 else { return nil }
    return String(decoding: UnsafeRawBufferPointer(rebasing: buffer[..<count]), as: UTF8.self)
  }
  guard let text else { throw SystemError(operation: "read", subject: path, errno: Glibc.errno) }
  return text
}
