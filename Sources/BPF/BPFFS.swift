import CLibBPF
import Glibc

/// Steps in the file system of pins; their errors name the path.
public enum BPFFS {
  /// Whether a path, or its nearest parent that exists, lies in a BPF file system.
  ///
  /// The corresponding C function is `statfs`.
  public static func isMounted(at path: String) -> Bool {
    var status = statfs()
    if statfs(path, &status) == 0 { return status.f_type == Int(BPF_FS_MAGIC) }
    guard Glibc.errno == ENOENT || Glibc.errno == EACCES, path != "/",
      let parent = path.parentDirectory
    else {
      return false
    }
    return isMounted(at: parent)
  }

  /// Whether there is anything at a path; a symbolic link counts itself.
  ///
  /// The corresponding C function is `lstat`.
  public static func exists(_ path: String) throws(BPFError) -> Bool {
    var status = stat()
    if lstat(path, &status) == 0 { return true }
    let code = Glibc.errno
    // Taken for absent, something that is only out of reach would be lost.
    guard code == ENOENT || code == ENOTDIR else {
      throw BPFError(operation: "look at", subject: path, errno: code)
    }
    return false
  }

  /// Makes a directory of mode 0700 and the parents it lacks; false if it existed.
  ///
  /// The corresponding C function is `mkdir`.
  @discardableResult
  public static func makeDirectory(_ path: String) throws(BPFError) -> Bool {
    if mkdir(path, 0o700) == 0 { return true }
    let code = Glibc.errno
    if code == ENOENT, path != "/", let parent = path.parentDirectory {
      guard try makeDirectory(parent) else {
        throw BPFError(operation: "make directory", subject: path, errno: code)
      }
      return try makeDirectory(path)
    }
    var status = stat()
    if code == EEXIST, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
      return false
    }
    throw BPFError(operation: "make directory", subject: path, errno: code)
  }

  /// The names in a directory, sorted.
  ///
  /// The corresponding C function is `readdir`.
  public static func list(_ path: String) throws(BPFError) -> [String] {
    guard let directory = opendir(path) else {
      throw BPFError(operation: "list", subject: path, errno: Glibc.errno)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      // By pointer: an entry ends with its name, short of the array that the type declares.
      let offset = MemoryLayout<dirent>.offset(of: \.d_name)!
      let name = String(
        cString: (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self))
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a pin, a symbolic link or an empty directory; false if it was absent.
  ///
  /// The corresponding C function is `unlink`, or `rmdir` for a directory.
  @discardableResult
  public static func remove(_ path: String) throws(BPFError) -> Bool {
    if unlink(path) == 0 { return true }
    if Glibc.errno == EISDIR, rmdir(path) == 0 { return true }
    if Glibc.errno == ENOENT { return false }
    throw BPFError(operation: "remove", subject: path, errno: Glibc.errno)
  }

  /// Removes a directory with all it holds, or a pin; nothing if it is absent. Follows no link.
  ///
  /// The corresponding C function is `unlink`, or `rmdir` for a directory.
  public static func removeTree(_ path: String) throws(BPFError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if Glibc.errno == ENOENT { return }
      throw BPFError(operation: "remove", subject: path, errno: Glibc.errno)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try list(path) { try removeTree("\(path)/\(name)") }
    }
    try remove(path)
  }
}
