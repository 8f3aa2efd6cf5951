import CLinux
import Glibc

extension FileSystem {
  /// Moves a pin, link or directory, replacing a pin, a link or an empty directory.
  ///
  /// The corresponding C function is `rename`.
  public static func rename(_ path: String, to new: String) throws(SystemError) {
    try checkErrno(Glibc.rename(path, new), "rename to \(new)", path)
  }

  /// Exchanges two pins or links atomically.
  ///
  /// The corresponding C function is `renameat2` with `RENAME_EXCHANGE`.
  public static func exchange(_ path: String, _ other: String) throws(SystemError) {
    let result = renameat2(AT_FDCWD, path, AT_FDCWD, other, UInt32(LINUX_RENAME_EXCHANGE))
    try checkErrno(result, "exchange with \(other)", path)
  }

  /// Makes a symbolic link at a path.
  ///
  /// The corresponding C function is `symlink`.
  public static func symlink(to target: String, at path: String) throws(SystemError) {
    try checkErrno(Glibc.symlink(target, path), "make symbolic link", path)
  }

  /// The target of a symbolic link, nil if there is no link at the path.
  ///
  /// The corresponding C function is `readlink`.
  public static func readlink(_ path: String) throws(SystemError) -> String? {
    try target(of: path, in: AT_FDCWD, path)
  }

  /// Does the same for a name in an open directory; errors name the path.
  ///
  /// The corresponding C function is `readlinkat`.
  public static func target(
    of name: UnsafePointer<CChar>, in directory: CInt, _ path: String
  ) throws(SystemError) -> String? {
    let (target, code): (String, CInt) = withUnsafeTemporaryAllocation(
      byteCount: Int(PATH_MAX), alignment: 1
    ) { buffer in
      let text = buffer.assumingMemoryBound(to: CChar.self)
      let count = readlinkat(directory, name, text.baseAddress!, text.count)
      guard count >= 0 else { return ("", Glibc.errno) }
      let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      return (String(decoding: bytes, as: UTF8.self), 0)
    }
    switch code {
    case 0: return target
    case ENOENT, EINVAL: return nil
    default: throw SystemError(operation: "read symbolic link", subject: path, errno: code)
    }
  }
}
