import CLinux
import Glibc

/// File system operations; their errors name the path.
public enum FileSystem {
  /// The kernel's number for the type of file system that contains a path, or its nearest parent that exists and may be
  /// seen; nil if that cannot be determined.
  ///
  /// The corresponding C function is `statfs`.
  public static func kind(at path: String) -> Int? {
    var status = statfs()
    if statfs(path, &status) == 0 { return Int(status.f_type) }
    guard Glibc.errno == ENOENT || Glibc.errno == EACCES, path != "/",
      let parent = path.parentDirectory
    else { return nil }
    return kind(at: parent)
  }

  /// Does the same for an open directory.
  ///
  /// The corresponding C function is `fstatfs`.
  public static func kind(
    of directory: borrowing FileDescriptor, named path: String
  ) throws(SystemError) -> Int {
    var status = statfs()
    try checkErrno(fstatfs(directory.rawValue, &status), "look at", path)
    return Int(status.f_type)
  }

  /// Whether a file system is mounted on a directory.
  ///
  /// The corresponding C function is `lstat`.
  public static func isMountPoint(_ path: String) -> Bool {
    var (own, parent) = (stat(), stat())
    guard let directory = path.parentDirectory, path != "/" else { return true }
    return lstat(path, &own) == 0 && lstat(directory, &parent) == 0 && own.st_dev != parent.st_dev
  }

  /// The mount point of the file system that contains a path.
  public static func mountPoint(of path: String) -> String {
    if isMountPoint(path) { return path }
    return path.parentDirectory.map(mountPoint) ?? "/"
  }

  /// Whether a path is a directory as created by `makeDirectory`: owned by the caller, and of mode 0700.
  ///
  /// The corresponding C function is `lstat`.
  public static func isPrivateDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode == S_IFDIR | 0o700
      && status.st_uid == geteuid()
  }

  /// Whether there is anything at a path; symbolic links are not followed.
  ///
  /// The corresponding C function is `lstat`.
  public static func exists(_ path: String) throws(SystemError) -> Bool {
    var status = stat()
    if lstat(path, &status) == 0 { return true }
    let code = Glibc.errno
    // Other errors are not treated as absence: something that is only inaccessible would be lost.
    guard code == ENOENT || code == ENOTDIR else {
      throw SystemError(operation: "look at", subject: path, errno: code)
    }
    return false
  }

  /// Creates a directory of mode 0700 and its missing parents; false if it existed.
  ///
  /// The corresponding C function is `mkdir`.
  @discardableResult
  public static func makeDirectory(_ path: String) throws(SystemError) -> Bool {
    if mkdir(path, 0o700) == 0 { return true }
    let code = Glibc.errno
    if code == ENOENT, path != "/", let parent = path.parentDirectory {
      guard try makeDirectory(parent) else {
        throw SystemError(operation: "make directory", subject: path, errno: code)
      }
      return try makeDirectory(path)
    }
    var status = stat()
    if code == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      return false
    }
    throw SystemError(operation: "make directory", subject: path, errno: code)
  }

  /// Removes a pin, a symbolic link or an empty directory; false if it was absent.
  ///
  /// The corresponding C function is `unlink`, or `rmdir` for a directory.
  @discardableResult
  public static func remove(_ path: String) throws(SystemError) -> Bool {
    if unlink(path) == 0 { return true }
    if Glibc.errno == EISDIR, rmdir(path) == 0 { return true }
    let code = Glibc.errno
    if code == ENOENT { return false }
    // On a read-only file system, the kernel reports EROFS even for an absent entry.
    if code == EROFS, try !exists(path) { return false }
    throw SystemError(operation: "remove", subject: path, errno: code)
  }
}
