import CLinux
import Glibc

/// Directories that are opened for path operations, not for reading.
extension FileSystem {
  private static let flags = LINUX_O_PATH | O_DIRECTORY | O_CLOEXEC

  /// Opens a directory by a path without any symbolic link; ELOOP if there is one.
  ///
  /// The corresponding C function is `openat2`.
  public static func unlinkedDirectory(_ path: String) throws(SystemError) -> FileDescriptor {
    let number = linux_open_unlinked(AT_FDCWD, path, UInt(flags))
    return FileDescriptor(rawValue: try checkErrno(number, "look at", path))
  }

  /// Opens the parent of a directory; errors name its path.
  ///
  /// The corresponding C function is `openat`.
  public static func parent(
    of directory: borrowing FileDescriptor, named path: String
  ) throws(SystemError) -> FileDescriptor {
    let number = openat(directory.rawValue, "..", flags)
    return FileDescriptor(rawValue: try checkErrno(number, "look at", path))
  }
}
