import CLinux
import Glibc

/// Steps in a file system; their errors name the path.
public enum FileSystem {
  /// The kernel's number for the kind of file system that a path lies in, or the nearest of its parents that exists or
  /// may be seen; nil if that cannot be told.
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

  /// The same of an open directory.
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

  /// Where the file system of a path is mounted.
  public static func mountPoint(of path: String) -> String {
    if isMountPoint(path) { return path }
    return path.parentDirectory.map(mountPoint) ?? "/"
  }

  /// Whether a path is a directory as `makeDirectory` makes it: of the caller, and of mode 0700.
  ///
  /// The corresponding C function is `lstat`.
  public static func isPrivateDirectory(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode == S_IFDIR | 0o700
      && status.st_uid == geteuid()
  }

  /// Whether there is anything at a path; a symbolic link counts itself.
  ///
  /// The corresponding C function is `lstat`.
  public static func exists(_ path: String) throws(SystemError) -> Bool {
    var status = stat()
    if lstat(path, &status) == 0 { return true }
    let code = Glibc.errno
    // Taken for absent, something that is only out of reach would be lost.
    guard code == ENOENT || code == ENOTDIR else {
      throw SystemError(operation: "look at", subject: path, errno: code)
    }
    return false
  }

  /// Makes a directory of mode 0700 and the parents it lacks; false if it existed.
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
    // Where nothing can be written that is said first.
    if code == EROFS, try !exists(path) { return false }
    throw SystemError(operation: "remove", subject: path, errno: code)
  }
}
